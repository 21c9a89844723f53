//! Wrong requests: a problem that says what and where, and nothing stored.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER, credential, submission};
use crate::support::over_both_databases;

over_both_databases!(
    a_wrong_submission_is_refused_by_name_and_place,
    an_oversized_body_is_refused_unread,
    wrong_parameters_are_named,
    wrong_bodies_of_other_calls,
);

async fn a_wrong_submission_is_refused_by_name_and_place(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let credential = credential(1).to_string();
    let digest = "ab".repeat(32);
    for (body, status, code, pointer) in [
        (String::new(), 400, "malformed_json", None),
        ("[1]".to_owned(), 400, "malformed_json", None),
        ("{\"credential\":".to_owned(), 400, "malformed_json", None),
        (format!("{{\"credential\":{credential}}} x"), 400, "malformed_json", None),
        ("{}".to_owned(), 400, "missing_member", Some("/credential")),
        (
            format!("{{\"credential\":{credential},\"owner\":\"0x\"}}"),
            400,
            "unknown_member",
            Some("/owner"),
        ),
        (
            format!("{{\"credential\":{credential},\"digest\":\"{digest}\"}}"),
            400,
            "conflicting_members",
            Some("/credential"),
        ),
        (format!("{{\"digest\":\"{digest}\"}}"), 400, "missing_member", Some("/rule")),
        (
            format!("{{\"digest\":\"{digest}\",\"rule\":\"opaque\",\"issuer\":null}}"),
            400,
            "invalid_member",
            Some("/issuer"),
        ),
        (format!("{{\"digest\":\"{digest}\",\"rule\":\"md5\"}}"), 422, "bad_rule", Some("/rule")),
        ("{\"digest\":\"AB\",\"rule\":\"opaque\"}".to_owned(), 422, "bad_digest", Some("/digest")),
        (
            format!("{{\"digest\":\"{digest}\",\"rule\":\"opaque\"}}"),
            422,
            "issuer_missing",
            Some("/issuer"),
        ),
        (
            format!(
                "{{\"digest\":\"{digest}\",\"rule\":\"opaque\",\"issuer\":\"https://other.example/\"}}"
            ),
            422,
            "issuer_not_registered",
            None,
        ),
        ("{\"credential\":{\"a\":1}}".to_owned(), 422, "not_a_badge", Some("/credential")),
        ("{\"credential\":\"text\"}".to_owned(), 422, "unknown_form", Some("/credential")),
        (
            format!("{{\"credential\":{}}}", credential.replacen('{', "{\"id\":\"twice\",", 1)),
            422,
            "duplicate_key",
            Some("/credential"),
        ),
        (
            format!(
                "{{\"credential\":{}}}",
                credential.replacen('{', "{\"n\":9007199254740993,", 1)
            ),
            422,
            "unsafe_integer",
            Some("/credential"),
        ),
        (
            format!("{{\"credential\":{credential},\"externalId\":\"\"}}"),
            400,
            "invalid_member",
            Some("/externalId"),
        ),
        (
            format!("{{\"credential\":{credential},\"windowStartedAt\":\"yesterday\"}}"),
            400,
            "invalid_member",
            Some("/windowStartedAt"),
        ),
    ] {
        let answer = api.call("POST", "/v1/badges", body.clone()).await;
        assert_eq!(answer.problem(), code, "{body}");
        assert_eq!(answer.status.as_u16(), status, "{body}");
        let found = answer.json()["pointer"].as_str().map(str::to_owned);
        assert_eq!(found.as_deref(), pointer, "{body}");
    }
    assert_eq!(api.service.store.counts().await.unwrap().positions, 0, "nothing was stored");
}

async fn an_oversized_body_is_refused_unread(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let large = " ".repeat(7680 * 1024 + 1);
    let answer = api.call("POST", "/v1/badges", large.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (413, "body_too_large"));
    // no announced length: the reading stops at the limit
    let chunks = [Ok::<_, std::io::Error>(large)];
    let body = Body::from_stream(futures::stream::iter(chunks));
    let answer = api.call("POST", "/v1/badges", body).await;
    assert_eq!(answer.problem(), "body_too_large");
    let bulk = " ".repeat(8 * 1024 * 1024 + 1);
    assert_eq!(api.call("POST", "/v1/badges/bulk", bulk).await.problem(), "body_too_large");
    // a badge just over 1 MiB is for the digest rules to refuse
    let mut badge = credential(1);
    badge["padding"] = Value::from("x".repeat(1 << 20));
    let answer = api.post("/v1/badges", &json!({ "credential": badge })).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "too_large"));
}

async fn wrong_parameters_are_named(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    for query in [
        "state=done",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "cursor=x",
        "receivedAfter=2026",
        "externalId=",
        "unknown=1",
        "limit=1&limit=2",
    ] {
        let answer = api.get(&format!("/v1/badges?{query}")).await;
        assert_eq!(answer.problem(), "invalid_parameter", "{query}");
        let name = query.split('=').next().unwrap();
        assert!(answer.json()["detail"].as_str().unwrap().contains(name), "{query}");
    }
    assert_eq!(api.public("GET", "/v1/batches?cursor=x", "").await.problem(), "invalid_parameter");
}

async fn wrong_bodies_of_other_calls(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let id = api.submit(1).await["id"].as_str().unwrap().to_owned();
    let revoke = format!("/v1/badges/{id}/revoke");
    assert_eq!(api.post(&revoke, &json!({})).await.problem(), "missing_member");
    assert_eq!(api.post(&revoke, &json!({"reason": "angry"})).await.problem(), "invalid_member");
    for (body, code) in [
        (json!({}), "missing_member"),
        (json!({"rule": "opaque"}), "missing_member"),
        (json!({"badge": {}, "rule": "opaque"}), "conflicting_members"),
        (json!({"badge": {}}), "not_a_badge"),
        (json!({"rule": "jcs-sha256-v1", "digest": "00"}), "bad_digest"),
        (json!({"issuer": ISSUER}), "unknown_member"),
    ] {
        let answer = api.public("POST", "/v1/proofs/lookup", body.to_string()).await;
        assert_eq!(answer.problem(), code, "{body}");
    }
    for (body, code) in [
        (json!({}), "missing_member"),
        (json!({"proof": {"format": "ingam-proof/2"}}), "proof_refused"),
        (json!({"badge": submission(1)}), "not_a_badge"),
    ] {
        let answer = api.public("POST", "/v1/verify", body.to_string()).await;
        assert_eq!(answer.problem(), code, "{body}");
    }
    let unproven = json!({ "badge": credential(99) });
    let answer = api.public("POST", "/v1/verify", unproven.to_string()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
