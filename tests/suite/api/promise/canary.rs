//! A badge of the service's own goes all the way, once an interval, whatever dies in between.

use std::sync::Arc;

use api::CanaryRun;
use domain::{CANARY_ISSUER, Clock as _};
use serde_json::json;
use store::Store;

use super::Watched;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_canary_rides_along_and_its_proof_is_verified_through_the_public_routes,
    an_idle_service_sends_one_a_day,
    killed_at_any_step_there_is_one_canary_an_interval,
    a_canary_that_does_not_come_through_is_not_verified,
);

impl Watched {
    /// Another process with this service's canary.
    fn canary(&self) -> CanaryRun {
        CanaryRun::new(self.api.state().clone(), self.api.routes().clone(), HOUR_MS)
    }

    /// Badges of the canary's issuer.
    async fn canaries(&self) -> Vec<domain::Position> {
        let store = &self.api.service.store;
        let issuers = store.issuers(None).await.unwrap();
        let own = issuers.iter().find(|issuer| issuer.identifier.as_str() == CANARY_ISSUER);
        let Some(own) = own else { return Vec::new() };
        let filter = store::BadgeFilter::default();
        let badges = store.badges(own.account, &filter, None, 100).await.unwrap();
        badges.iter().map(|badge| badge.position).collect()
    }
}

async fn a_canary_rides_along_and_its_proof_is_verified_through_the_public_routes(
    store: Arc<dyn Store>,
) {
    let mut watched = Watched::on(store).await;
    let canary = watched.canary();
    watched.moments(2).await;
    canary.round().await.unwrap();
    watched.api.service.clock.advance(2 * HOUR_MS);
    watched.moments(2).await;
    canary.round().await.unwrap();
    assert!(watched.canaries().await.is_empty(), "alone, it waits for company");
    watched.post().await;
    canary.round().await.unwrap();
    canary.round().await.unwrap();
    let canaries = watched.canaries().await;
    assert_eq!(canaries.len(), 1);
    assert_eq!(watched.told_of_chain().await["open"], 2);

    watched.api.service.grow_old();
    watched.moments(20).await;
    watched.api.service.until_final().await;
    assert_eq!(watched.told_of_chain().await.get("canary"), None);
    canary.round().await.unwrap();
    let told = watched.told_of_chain().await["canary"].clone();
    assert!(told["tookMs"].as_i64().unwrap() > 0 && told["verifiedAt"].is_string());
    let transactions = watched.api.service.attempts_by_nonce().await;
    assert_eq!(transactions.len(), 1, "both were anchored by one transaction");

    // nobody finds it
    let record = watched.api.service.record(canaries[0]).await;
    let body = json!({"rule": "opaque", "digest": record.digest.to_string()}).to_string();
    let found = watched.api.public("POST", "/v1/proofs/lookup", body).await;
    assert!(found.status.is_client_error(), "{}", found.text());
    let list = watched.api.get("/v1/badges").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nor is it anybody's");
    watched.api.service.accepted.push(canaries[0]);
    watched.api.service.assert_kept().await;
}

async fn an_idle_service_sends_one_a_day(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let canary = watched.canary();
    watched.look().await;
    for _ in 0..72 {
        watched.hours(1, true).await;
        canary.round().await.unwrap();
    }
    let sent = watched.canaries().await.len();
    assert!((2..=3).contains(&sent), "{sent} in three days");
}

async fn killed_at_any_step_there_is_one_canary_an_interval(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.look().await;
    watched.post().await;
    watched.api.service.clock.advance(HOUR_MS);
    watched.look().await;
    let store = Arc::clone(&watched.api.service.store);
    let (chain_id, now) = (watched.api.service.stream.chain_id, watched.api.service.clock.now());
    // died after the intent
    let digest = watched.api.state().entropy.salt();
    let begun = store.begin_canary(chain_id, digest, now, HOUR_MS, true).await.unwrap().unwrap();
    assert_eq!(begun.position, None);
    // two replicas take it up at once
    let (one, other) = (watched.canary(), watched.canary());
    let (one, other) = tokio::join!(one.round(), other.round());
    one.and(other).unwrap();
    let canaries = watched.canaries().await;
    assert_eq!(canaries.len(), 1);
    let pending = store.pending_canaries(chain_id, 10).await.unwrap();
    assert_eq!((pending.len(), pending[0].position), (1, Some(canaries[0])));
    assert_eq!(watched.api.service.record(canaries[0]).await.digest, digest);
    // started again many times within the interval
    for _ in 0..5 {
        watched.canary().round().await.unwrap();
    }
    assert_eq!(watched.canaries().await, canaries);
    watched.api.service.grow_old();
    watched.moments(20).await;
    let (one, other) = (watched.canary(), watched.canary());
    let (one, other) = tokio::join!(one.round(), other.round());
    one.and(other).unwrap();
    assert!(store.last_canary(chain_id).await.unwrap().is_some());
}

async fn a_canary_that_does_not_come_through_is_not_verified(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let canary = watched.canary();
    watched.look().await;
    watched.post().await;
    watched.api.service.clock.advance(HOUR_MS);
    watched.look().await;
    canary.round().await.unwrap();
    watched.api.service.grow_old();
    watched.moments(20).await;
    let chain_id = watched.api.service.stream.chain_id;
    let store = Arc::clone(&watched.api.service.store);
    // final in the database, but no node shows it
    watched.api.service.chain.fail_reads(chain::simulated::ReadFault::Unavailable, u32::MAX);
    assert!(canary.round().await.is_err());
    assert_eq!(store.last_canary(chain_id).await.unwrap(), None);
    watched.api.service.chain.heal();
    canary.round().await.unwrap();
    assert!(store.last_canary(chain_id).await.unwrap().is_some());
}
