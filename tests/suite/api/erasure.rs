//! Erasure: everywhere unknown, at every stage, and harmless to others.

use std::sync::Arc;

use axum::http::StatusCode;
use proof::ProofDocument;
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, credential, submission};
use crate::support::over_both_databases;

over_both_databases!(
    an_open_badge_is_erased,
    a_final_badge_is_erased,
    an_erased_badge_may_come_back_as_a_new_one,
);

async fn erase(api: &Api, answer: &Value) -> Answer {
    api.call("DELETE", &format!("/v1/badges/{}", answer["id"].as_str().unwrap()), "").await
}

async fn assert_unknown(api: &Api, answer: &Value, number: u32) {
    let id = answer["id"].as_str().unwrap();
    let token = answer["proofToken"].as_str().unwrap();
    assert_eq!(api.get(&format!("/v1/badges/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(erase(api, answer).await.status, StatusCode::NOT_FOUND);
    let by_token = api.public("GET", &format!("/v1/proofs/{token}"), "").await;
    let unknown = api.public("GET", "/v1/proofs/unknown", "").await;
    assert_eq!((by_token.status, by_token.body), (unknown.status, unknown.body));
    let body = json!({ "badge": credential(number) }).to_string();
    let lookup = api.public("POST", "/v1/proofs/lookup", body).await;
    assert_eq!(lookup.status, StatusCode::NOT_FOUND);
    let revoke = json!({"reason": "privilege-withdrawn"});
    let revoke = api.post(&format!("/v1/badges/{id}/revoke"), &revoke).await;
    assert_eq!(revoke.status, StatusCode::NOT_FOUND);
}

async fn an_open_badge_is_erased(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let erased = api.submit(1).await;
    let kept = api.submit(2).await;
    let answer = erase(&api, &erased).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    let listed: Vec<_> = api.erasures().iter().map(|(place, _)| place.to_string()).collect();
    assert_eq!(listed, [erased["id"].as_str().unwrap()], "for the restore of a backup");
    assert_unknown(&api, &erased, 1).await;
    api.service.accepted.remove(0);
    api.service.grow_old();
    api.service.until_final().await;
    let token = kept["proofToken"].as_str().unwrap();
    let proof = api.public("GET", &format!("/v1/proofs/{token}"), "").await;
    let proof = ProofDocument::parse(&proof.body).unwrap();
    assert!(proof.computed().is_ok() && !proof.anchors.is_empty());
}

async fn a_final_badge_is_erased(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(3).await;
    let path = |at: usize| format!("/v1/proofs/{}", answers[at]["proofToken"].as_str().unwrap());
    let before = api.public("GET", &path(2), "").await;
    assert_eq!(erase(&api, &answers[1]).await.status, StatusCode::NO_CONTENT);
    assert_unknown(&api, &answers[1], 1).await;
    let after = api.public("GET", &path(2), "").await;
    assert_eq!(before.body, after.body, "all other proofs stay whole");
    let list = api.get("/v1/badges").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

async fn an_erased_badge_may_come_back_as_a_new_one(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.submit(1).await;
    erase(&api, &first).await;
    let second = api.post("/v1/badges", &submission(1)).await;
    assert_eq!(second.status, StatusCode::ACCEPTED);
    let second = second.json();
    assert_ne!(first["id"], second["id"]);
    let salt = |answer: &Value| answer["receipt"]["promise"]["salt"].clone();
    assert_ne!(salt(&first), salt(&second));
}
