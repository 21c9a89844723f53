//! Proof documents: by token, by lookup, as an export.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use proof::{ProofDocument, verify_receipt};
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, ISSUER, credential, submission};
use crate::support::over_both_databases;

over_both_databases!(
    a_token_gives_the_proof_at_every_stage,
    a_changed_token_gives_nothing,
    a_proof_is_found_by_badge_and_digest,
    what_is_closed_looks_unknown,
    a_platform_opens_and_closes_the_lookup_of_a_badge,
    an_export_misses_nothing,
);

fn document(answer: &Answer) -> ProofDocument {
    ProofDocument::parse(&answer.body).unwrap()
}

async fn a_token_gives_the_proof_at_every_stage(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let token = api.submit(1).await["proofToken"].as_str().unwrap().to_owned();
    let path = format!("/v1/proofs/{token}");
    let answer = api.public("GET", &path, "").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("retry-after"), Some("10"));
    let pending = document(&answer);
    assert!(pending.inclusion.is_none() && pending.anchors.is_empty());
    let receipt = pending.receipt.as_ref().unwrap();
    verify_receipt(receipt, &api.receipt_key).unwrap();
    assert_eq!(pending.deadline_at, Some(receipt.promise.deadline_at));
    pending.receipt_matches().unwrap();

    api.submit(2).await;
    api.service.grow_old();
    api.service.work().await.unwrap();
    let sealed = document(&api.public("GET", &path, "").await);
    assert!(sealed.anchors.is_empty() && sealed.computed().is_ok());

    api.service.until_final().await;
    let answer = api.public("GET", &path, "").await;
    assert_eq!(answer.header("retry-after"), None);
    let finished = document(&answer);
    let commitment = finished.computed().unwrap().commitment;
    assert_eq!(commitment, sealed.computed().unwrap().commitment);
    assert_eq!(finished.deadline_at, None);
    let anchor = &finished.anchors[0];
    assert_eq!(
        (anchor.chain_id, anchor.registry),
        (api.service.stream.chain_id, api.service.stream.registry)
    );
    assert!(anchor.block_time.is_some() && anchor.transaction.is_some());

    let tag = answer.header("etag").unwrap().to_owned();
    let request = Request::get(&path).header(header::IF_NONE_MATCH, &tag);
    let unchanged = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let request = Request::get(&path).header(header::IF_NONE_MATCH, "\"other\"");
    let changed = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((changed.status, changed.body), (StatusCode::OK, answer.body));
}

async fn a_changed_token_gives_nothing(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let token = api.submit(1).await["proofToken"].as_str().unwrap().to_owned();
    let unknown = api.public("GET", "/v1/proofs/unknown", "").await;
    assert_eq!(unknown.problem(), "not_found");
    for at in 0..token.len() {
        let mut other = token.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let path = format!("/v1/proofs/{}", String::from_utf8(other).unwrap());
        let answer = api.public("GET", &path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{at}");
        assert_eq!(answer.body, unknown.body);
    }
}

async fn lookup(api: &Api, body: &Value) -> Answer {
    api.public("POST", "/v1/proofs/lookup", body.to_string()).await
}

async fn a_proof_is_found_by_badge_and_digest(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    // another issuer anchored the same badge first
    let (account, now) = (api.service.account, Default::default());
    let other = "https://other.example/".parse().unwrap();
    let control = domain::Control::Manual;
    api.service.store.add_issuer(account, &other, &[], control, now).await.unwrap();
    let copied = json!({"credential": credential(0), "issuer": other.as_str()});
    assert_eq!(api.post("/v1/badges", &copied).await.status, StatusCode::ACCEPTED);
    api.finished(3).await;

    let answer = lookup(&api, &json!({ "badge": credential(0) })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let found = answer.json();
    let proofs = found["proofs"].as_array().unwrap();
    assert_eq!(proofs.len(), 2);
    assert_eq!(proofs[0]["badge"]["issuer"], ISSUER, "the issuer that the badge names comes first");
    for proof in proofs {
        let document = ProofDocument::parse(proof.to_string().as_bytes()).unwrap();
        assert!(document.receipt.is_none(), "receipts are not for strangers");
        assert!(document.computed().is_ok());
    }
    let digest = &proofs[0]["badge"]["digest"];
    let by_digest = lookup(&api, &json!({"rule": "jcs-sha256-v1", "digest": digest})).await;
    assert_eq!(by_digest.json()["proofs"].as_array().unwrap().len(), 2);
}

async fn what_is_closed_looks_unknown(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let digest = "ab".repeat(32);
    for rule in ["opaque", "file-sha256"] {
        let body = json!({"digest": digest, "rule": rule, "issuer": ISSUER});
        assert_eq!(api.post("/v1/badges", &body).await.status, StatusCode::ACCEPTED);
    }
    let unknown = lookup(&api, &json!({"rule": "file-sha256", "digest": "00".repeat(32)})).await;
    assert_eq!(unknown.problem(), "not_found");
    let closed = lookup(&api, &json!({"rule": "opaque", "digest": digest})).await;
    assert_eq!((closed.status, closed.body), (unknown.status, unknown.body));
    let open = lookup(&api, &json!({"rule": "file-sha256", "digest": digest})).await;
    assert_eq!(open.status, StatusCode::OK);
}

async fn a_platform_opens_and_closes_the_lookup_of_a_badge(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    for (digest, rule, public) in [("cd", "opaque", true), ("ef", "file-sha256", false)] {
        let digest = digest.repeat(32);
        let mut body = json!({"digest": digest, "rule": rule, "issuer": ISSUER});
        body["publicLookup"] = json!(public);
        assert_eq!(api.post("/v1/badges", &body).await.status, StatusCode::ACCEPTED);
        let found = lookup(&api, &json!({"rule": rule, "digest": digest})).await;
        let expected = if public { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(found.status, expected, "{rule}");
        body["publicLookup"] = json!(!public);
        let other = api.post("/v1/badges", &body).await;
        assert_eq!(other.problem(), "already_accepted_differently");
    }
}

async fn export(api: &Api, cursor: Option<&str>) -> (Vec<Value>, Value) {
    let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
    let answer = api.get(&format!("/v1/proofs/export{query}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let mut rows: Vec<Value> =
        answer.text().lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let end = rows.pop().unwrap();
    (rows, end["next"].clone())
}

async fn an_export_misses_nothing(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let (rows, next) = export(&api, None).await;
    assert_eq!((rows.len(), next), (0, Value::Null));
    // more than one page
    let body: String = (0..230).map(|number| format!("{}\n", submission(number))).collect();
    api.call("POST", "/v1/badges/bulk", body).await;
    api.service.accepted.push(domain::Position::first_of(api.service.stream.id).plus(229));
    api.service.grow_old();
    api.service.until_final().await;
    let open = api.submit(500).await;
    let (rows, next) = export(&api, None).await;
    assert_eq!(rows.len(), 230);
    for row in &rows {
        let document = ProofDocument::parse(row["proof"].to_string().as_bytes()).unwrap();
        assert!(document.receipt.is_some() && !document.anchors.is_empty());
    }
    assert_eq!(next, rows[229]["id"]);
    let (rows, again) = export(&api, next.as_str()).await;
    assert_eq!((rows.len(), &again), (0, &next));
    api.service.grow_old();
    api.service.until_final().await;
    let (rows, _) = export(&api, next.as_str()).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["id"], open["id"]);
    assert_eq!(rows[0]["externalId"], "수료-500");
}
