//! One badge in several representations: what is told apart, and to whom nothing is told.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, ISSUER, credential, submission};
use super::forms::svg;
use crate::support::over_both_databases;

over_both_databases!(
    what_was_rewritten_is_told_from_what_is_unknown,
    another_picture_is_the_same_badge,
    editions_are_badges_of_their_own_and_know_each_other,
    what_is_closed_erased_or_foreign_is_unknown,
    what_has_no_digest_is_unreadable,
);

async fn lookup(api: &Api, body: impl Into<Body>) -> Answer {
    api.public("POST", "/v1/proofs/lookup", body).await
}

async fn verify(api: &Api, body: &Value) -> Answer {
    api.public("POST", "/v1/verify", body.to_string()).await
}

fn as_badge(badge: &Value) -> String {
    json!({ "badge": badge }).to_string()
}

/// The badge with another name of its holder.
fn altered(number: u32) -> Value {
    let mut badge = credential(number);
    badge["credentialSubject"]["name"] = json!("이도윤");
    badge
}

/// A JWT edition, issued at some second.
fn token(number: u32, issued_at: u64) -> String {
    let mut claims = credential(number);
    claims["iat"] = json!(issued_at);
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(json!({"alg": "EdDSA", "typ": "vc+jwt"})), part(claims))
}

async fn what_was_rewritten_is_told_from_what_is_unknown(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    // alone, and as a line of a bulk request
    let answer = api.submit(0).await;
    let line = api.call("POST", "/v1/badges/bulk", submission(1).to_string()).await;
    assert_eq!(line.text().lines().count(), 3, "{}", line.text());
    for number in [0, 1] {
        let found = lookup(&api, as_badge(&credential(number))).await;
        assert_eq!(found.json()["presented"]["outcome"], "match");
        let other = lookup(&api, as_badge(&altered(number))).await;
        assert_eq!(other.problem(), "known_id_other_content");
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let presented = &other.json()["presented"];
        assert_eq!(presented["outcome"], "other-content");
        assert!(presented["advice"].as_str().unwrap().contains("as it was issued"), "{presented}");
        let same = verify(&api, &json!({"badge": altered(number)})).await;
        assert_eq!((same.status, same.json()), (StatusCode::NOT_FOUND, other.json()));
    }
    let unknown = lookup(&api, as_badge(&credential(9))).await;
    assert_eq!(unknown.problem(), "not_found");
    assert_eq!(unknown.json()["presented"]["outcome"], "unknown");

    // beside a proof, the verdict is about the proof; what is known is said apart from it
    let path = format!("/v1/proofs/{}", answer["proofToken"].as_str().unwrap());
    let proof = api.public("GET", &path, "").await.json();
    for (badge, outcome) in [
        (credential(0), "match"),
        (altered(0), "other-content"),
        (credential(1), "match"),
        (credential(9), "unknown"),
        (json!({"a": 1}), "unreadable"),
    ] {
        let report = verify(&api, &json!({"badge": badge, "proof": proof})).await;
        assert_eq!(report.status, StatusCode::OK, "{}", report.text());
        let report = report.json();
        assert_eq!(report["presented"]["outcome"], outcome, "{report}");
        let is_its_own = badge == credential(0);
        assert_eq!(report["verdict"] == "not-verified", !is_its_own, "{report}");
    }
    let alone = verify(&api, &json!({ "proof": proof })).await.json();
    assert_eq!(alone.get("presented"), None);
}

async fn another_picture_is_the_same_badge(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.submit(0).await;
    let badge = credential(0).to_string();
    for picture in ["<circle r=\"4\"/>", "<rect width=\"9\" height=\"9\"/>"] {
        let found = lookup(&api, svg(picture, &badge)).await;
        assert_eq!(found.json()["presented"]["outcome"], "match", "{}", found.text());
    }
    let other = lookup(&api, svg("<circle r=\"4\"/>", &altered(0).to_string())).await;
    assert_eq!(other.problem(), "known_id_other_content");
    assert_eq!(lookup(&api, svg("", "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn editions_are_badges_of_their_own_and_know_each_other(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let json_edition = api.submit(0).await;
    assert_eq!(json_edition["badge"]["edition"], "json");
    let unsubmitted = lookup(&api, token(0, 1)).await;
    assert_eq!(unsubmitted.problem(), "known_id_other_content");
    assert!(unsubmitted.json()["presented"]["advice"].as_str().unwrap().contains("JWT"));

    let path = "/v1/badges/raw?externalId=%EC%88%98%EB%A3%8C-0";
    let first = api.call("POST", path, token(0, 1)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_eq!(first.json()["badge"]["edition"], "jwt");
    assert_eq!(lookup(&api, token(0, 1)).await.status, StatusCode::OK);
    // signed anew: another badge again
    assert_eq!(lookup(&api, token(0, 2)).await.problem(), "known_id_other_content");

    let [one, two] = [&json_edition, &first.json()].map(|it| it["id"].as_str().unwrap().to_owned());
    for (of, other) in [(&one, &two), (&two, &one)] {
        let status = api.get(&format!("/v1/badges/{of}")).await.json();
        assert_eq!(status["editions"], json!([other]), "{status}");
    }
    let alone = api.submit(5).await["id"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&format!("/v1/badges/{alone}")).await.json().get("editions"), None);
}

async fn what_is_closed_erased_or_foreign_is_unknown(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let closed = json!({"credential": credential(0), "publicLookup": false});
    assert_eq!(api.post("/v1/badges", &closed).await.status, StatusCode::ACCEPTED);
    let id = api.submit(1).await["id"].as_str().unwrap().to_owned();
    api.service.accepted.clear();
    assert_eq!(lookup(&api, as_badge(&altered(1))).await.problem(), "known_id_other_content");
    let gone = api.call("DELETE", &format!("/v1/badges/{id}"), Body::empty()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
    // only its digest was submitted
    let unread = badge::read(credential(2).to_string().as_bytes()).unwrap();
    let digest = json!({"digest": unread.digest, "rule": "jcs-sha256-v1", "issuer": ISSUER});
    assert_eq!(api.post("/v1/badges", &digest).await.status, StatusCode::ACCEPTED);
    // an id belongs to its issuer
    api.submit(3).await;
    let mut of_another = altered(3);
    of_another["issuer"] = json!("https://other.example/");
    let mut without_id = altered(3);
    without_id.as_object_mut().unwrap().remove("id");

    let unknown = lookup(&api, as_badge(&credential(99))).await;
    assert_eq!(unknown.problem(), "not_found");
    for badge in
        [credential(0), altered(0), credential(1), altered(1), altered(2), of_another, without_id]
    {
        let answer = lookup(&api, as_badge(&badge)).await;
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body), "{badge}");
        let answer = verify(&api, &json!({ "badge": badge })).await;
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body), "{badge}");
    }
}

async fn what_has_no_digest_is_unreadable(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    for (body, code) in [
        (b"GIF89a".to_vec(), "unknown_form"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "bad_png"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "no_badge"),
        (b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln~WyJzIl0~".to_vec(), "selective_disclosure"),
        (as_badge(&json!({"type": "VerifiablePresentation"})).into_bytes(), "presentation"),
        (as_badge(&json!({"a": 1})).into_bytes(), "not_a_badge"),
    ] {
        for path in ["/v1/proofs/lookup", "/v1/verify"] {
            let answer = api.public("POST", path, body.clone()).await;
            assert_eq!(answer.problem(), code, "{path}");
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            let presented = &answer.json()["presented"];
            assert_eq!(presented["outcome"], "unreadable", "{path} {code}");
            assert!(presented["advice"].as_str().unwrap().ends_with('.'), "{path} {code}");
        }
    }
    // a bare badge in JSON is taken for a request, and the answer says so
    let bare = lookup(&api, credential(0).to_string()).await;
    assert_eq!(bare.problem(), "unknown_member");
}
