//! Revocation: asked for over HTTP, seen on chain.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use store::Store;

use super::client::{Api, credential};
use crate::support::over_both_databases;

over_both_databases!(a_revoked_badge_no_longer_verifies);

async fn a_revoked_badge_no_longer_verifies(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(2).await;
    let id = answers[1]["id"].as_str().unwrap();
    let path = format!("/v1/badges/{id}/revoke");
    let answer = api.post(&path, &json!({"reason": "privilege-withdrawn"})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let first = answer.json();
    assert_eq!(first["revocation"]["reason"], "privilege-withdrawn");
    api.service.clock.advance(1000);
    let again = api.post(&path, &json!({"reason": "privilege-withdrawn"})).await;
    assert_eq!(again.json(), first, "asked for once");
    let other = api.post(&path, &json!({"reason": "superseded"})).await;
    assert_eq!(
        (other.status.as_u16(), other.problem().as_str()),
        (409, "already_revoked_differently")
    );

    api.service.blocks(8).await;
    let status = api.get(&format!("/v1/badges/{id}")).await.json();
    assert!(status["revokedAt"].is_string(), "{status}");
    let done = api.post(&path, &json!({"reason": "privilege-withdrawn"})).await;
    assert_eq!(done.status, StatusCode::OK);
    for (number, verdict) in [(1, "revoked"), (0, "verified")] {
        let body = json!({ "badge": credential(number) }).to_string();
        let report = api.public("POST", "/v1/verify", body).await.json();
        assert_eq!(report["verdict"], verdict, "{report}");
    }
}
