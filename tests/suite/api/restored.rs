//! A database that may be older than what was promised: reads go on, nothing is taken in.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::Clock as _;
use serde_json::json;
use store::{Halt, HaltReason, Store};

use super::client::{Api, CHECKSUMMED, submission};
use crate::support::over_both_databases;

over_both_databases!(a_restored_database_gives_out_no_position_until_it_is_adopted);

async fn a_restored_database_gives_out_no_position_until_it_is_adopted(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let known = api.submit(1).await;
    let id = known["id"].as_str().unwrap();
    let chain_id = api.service.stream.chain_id;
    let halt = Halt {
        chain_id,
        reason: HaltReason::Restored,
        since: api.service.clock.now(),
        detail: "nonces 3 to 5 are not in this database".to_owned(),
    };
    api.service.store.halt(&halt).await.unwrap();
    api.service.clock.advance(10_000);
    let refused = api.post("/v1/badges", &submission(2)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers.contains_key("retry-after"));
    let recipient = json!({ "recipient": CHECKSUMMED }).to_string();
    let refused = api.call("PUT", &format!("/v1/badges/{id}/recipient"), recipient.clone()).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(api.get(&format!("/v1/badges/{id}")).await.status, StatusCode::OK);
    assert_eq!(api.post("/v1/badges", &submission(1)).await.status, StatusCode::OK, "it is known");
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);

    let now = api.service.clock.now();
    assert!(api.service.store.resume(chain_id, HaltReason::Restored, now).await.unwrap());
    api.service.clock.advance(10_000);
    assert_eq!(api.post("/v1/badges", &submission(2)).await.status, StatusCode::ACCEPTED);
    let taken = api.call("PUT", &format!("/v1/badges/{id}/recipient"), recipient).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED);
}
