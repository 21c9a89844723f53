//! Two processes on one database: what an administrator ends is over within a minute on both, what he
//! adds works at once.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{ApiKey, ApiKeyRecord, Clock as _, Control, SeededEntropy};
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, Replica, credential, request, submission};
use crate::support::over_both_databases;

over_both_databases!(
    a_revoked_key_ends_on_every_replica_within_a_minute,
    an_expired_key_ends_on_every_replica_at_its_time,
    a_rotation_has_two_good_keys,
    a_disabled_issuer_ends_on_every_replica_within_a_minute,
    a_disabled_account_ends_on_every_replica_within_a_minute,
    what_is_added_works_at_once_on_every_replica,
    an_erased_badge_is_gone_on_every_replica_at_once,
);

const MINUTE_MS: i64 = 60_000;

async fn list(replica: &Replica, key: &str) -> Answer {
    replica.send(request(key, "GET", "/v1/badges", "")).await
}

async fn post(replica: &Replica, key: &str, body: &Value) -> Answer {
    replica.send(request(key, "POST", "/v1/badges", body.to_string())).await
}

fn two(api: &Api) -> [Replica; 2] {
    [api.replica(), api.replica()]
}

async fn a_revoked_key_ends_on_every_replica_within_a_minute(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    for replica in &replicas {
        assert_eq!(list(replica, &api.key).await.status, StatusCode::OK);
    }
    // the second asks all the time, and believes it no longer for that
    let now = api.service.clock.now();
    let revoked = api.service.store.revoke_key(api.service.account, &api.key[..14], now).await;
    assert_eq!(revoked.unwrap(), 1);
    for _ in 0..59 {
        api.service.clock.advance(1000);
        list(&replicas[1], &api.key).await;
    }
    api.service.clock.advance(1000);
    for replica in &replicas {
        assert_eq!(list(replica, &api.key).await.problem(), "key_unknown");
    }
}

async fn an_expired_key_ends_on_every_replica_at_its_time(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    let key = ApiKey::generate(&SeededEntropy::new(61));
    let now = api.service.clock.now();
    let record = ApiKeyRecord {
        hash: key.hash(),
        account: api.service.account,
        shown: key.shown().to_owned(),
        scopes: "read".parse().unwrap(),
        issuers: Vec::new(),
        created_at: now,
        expires_at: Some(now.plus_millis(1000)),
        revoked_at: None,
    };
    api.service.store.add_key(&record).await.unwrap();
    for replica in &replicas {
        assert_eq!(list(replica, key.reveal()).await.status, StatusCode::OK);
    }
    api.service.clock.advance(999);
    assert_eq!(list(&replicas[1], key.reveal()).await.status, StatusCode::OK);
    api.service.clock.advance(1);
    for replica in &replicas {
        assert_eq!(list(replica, key.reveal()).await.problem(), "key_unknown");
    }
}

async fn a_rotation_has_two_good_keys(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    let old = &api.key;
    for replica in &replicas {
        assert_eq!(list(replica, old).await.status, StatusCode::OK);
    }
    let new = api.new_key(api.service.account, "ingest,read", &[]).await;
    for replica in &replicas {
        // at once, and both
        assert_eq!(list(replica, &new).await.status, StatusCode::OK);
        assert_eq!(list(replica, old).await.status, StatusCode::OK);
    }
    let now = api.service.clock.now();
    api.service.store.revoke_key(api.service.account, &old[..14], now).await.unwrap();
    api.service.clock.advance(MINUTE_MS);
    for replica in &replicas {
        assert_eq!(list(replica, old).await.problem(), "key_unknown");
        assert_eq!(list(replica, &new).await.status, StatusCode::OK);
    }
}

async fn a_disabled_issuer_ends_on_every_replica_within_a_minute(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    for (number, replica) in (1..).zip(&replicas) {
        let answer = post(replica, &api.key, &submission(number)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }
    let now = api.service.clock.now();
    api.service.store.disable_issuer(api.service.issuer, now).await.unwrap();
    for number in 0..59 {
        api.service.clock.advance(1000);
        post(&replicas[1], &api.key, &submission(100 + number)).await;
    }
    api.service.clock.advance(1000);
    for (number, replica) in (10..).zip(&replicas) {
        let answer = post(replica, &api.key, &submission(number)).await;
        assert_eq!(answer.problem(), "issuer_not_registered");
        // its badges stay
        assert_eq!(list(replica, &api.key).await.status, StatusCode::OK);
    }
}

async fn a_disabled_account_ends_on_every_replica_within_a_minute(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    let token = post(&replicas[0], &api.key, &submission(1)).await.json()["proofToken"].clone();
    for replica in &replicas {
        assert_eq!(list(replica, &api.key).await.status, StatusCode::OK);
    }
    let (account, now) = (api.service.account, api.service.clock.now());
    let ended = api.service.store.disable_account(account, now).await.unwrap();
    assert_eq!((ended.keys, ended.issuers), (1, 1));
    api.service.clock.advance(MINUTE_MS);
    for (number, replica) in (2..).zip(&replicas) {
        assert_eq!(list(replica, &api.key).await.problem(), "key_unknown");
        let answer = post(replica, &api.key, &submission(number)).await;
        assert_eq!(answer.problem(), "key_unknown");
    }
    // holders lose nothing
    let proof = api.public("GET", &format!("/v1/proofs/{}", token.as_str().unwrap()), "").await;
    assert_eq!(proof.status, StatusCode::OK);
}

async fn what_is_added_works_at_once_on_every_replica(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    let identifier: proof::IssuerIdentifier = "did:web:new.example".parse().unwrap();
    let body = |number| json!({"credential": credential(number), "issuer": identifier.as_str()});
    for replica in &replicas {
        let answer = post(replica, &api.key, &body(1)).await;
        assert_eq!(answer.problem(), "issuer_not_registered");
    }
    let (account, now) = (api.service.account, api.service.clock.now());
    let store = &api.service.store;
    store.add_issuer(account, &identifier, &[], Control::Manual, now).await.unwrap();
    for (number, replica) in (1..).zip(&replicas) {
        let answer = post(replica, &api.key, &body(number)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }
}

async fn an_erased_badge_is_gone_on_every_replica_at_once(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = two(&api);
    let badge = post(&replicas[0], &api.key, &submission(1)).await.json();
    let path = format!("/v1/badges/{}", badge["id"].as_str().unwrap());
    for replica in &replicas {
        let answer = replica.send(request(&api.key, "GET", &path, "")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let erased = replicas[0].send(request(&api.key, "DELETE", &path, "")).await;
    assert_eq!(erased.status, StatusCode::NO_CONTENT);
    let answer = replicas[1].send(request(&api.key, "GET", &path, "")).await;
    assert_eq!(answer.problem(), "not_found");
}
