//! States and lists of a platform's own badges.

use std::sync::Arc;

use serde_json::{Value, json};
use store::Store;

use super::client::Api;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(a_list_is_paged_and_narrowed, a_state_tells_times_and_margin);

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn a_list_is_paged_and_narrowed(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let mut all: Vec<_> = api.finished(5).await;
    api.service.clock.advance(HOUR_MS);
    for number in 5..7 {
        all.push(api.submit(number).await);
    }
    let all: Vec<_> = all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let mut found = Vec::new();
    let mut path = "/v1/badges?limit=3".to_owned();
    for expected in [3, 3, 1] {
        let page = api.get(&path).await.json();
        assert_eq!(ids(&page).len(), expected);
        found.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/badges?limit=3&cursor={next}"),
            None => assert_eq!(expected, 1, "only the last page has no next"),
        }
    }
    assert_eq!(found, all);
    let narrowed = async |query: &str| ids(&api.get(&format!("/v1/badges?{query}")).await.json());
    assert_eq!(narrowed("state=final").await, all[..5]);
    assert_eq!(narrowed("state=accepted").await, all[5..]);
    assert_eq!(narrowed("externalId=%EC%88%98%EB%A3%8C-2").await, all[2..3]);
    assert_eq!(narrowed("issuer=https%3A%2F%2Fhanbit.example%2F&state=final").await, all[..5]);
    assert!(narrowed("issuer=https%3A%2F%2Fother.example%2F").await.is_empty());
    assert_eq!(narrowed("receivedAfter=2026-03-01T10:30:00Z").await, all[5..]);
}

async fn a_state_tells_times_and_margin(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answer = api.submit(1).await;
    let path = format!("/v1/badges/{}", answer["id"].as_str().unwrap());
    api.service.clock.advance(1000);
    let status = api.get(&path).await.json();
    assert_eq!(status["state"], "accepted");
    assert_eq!(status["marginMs"], 24 * HOUR_MS - 1000);
    assert_eq!(status["proofToken"], answer["proofToken"]);
    assert_eq!((&status["batch"], &status["anchor"]), (&Value::Null, &Value::Null));
    api.service.grow_old();
    api.service.chain.set_paused(true);
    api.service.work().await.unwrap();
    let status = api.get(&path).await.json();
    assert_eq!((&status["state"], &status["blocked"]), (&json!("sealed"), &json!("paused")));
    api.service.chain.set_paused(false);
    api.service.until_final().await;
    let status = api.get(&path).await.json();
    assert_eq!(status["state"], "final");
    assert_eq!(status["anchor"]["chainId"], api.service.stream.chain_id);
    let margin = status["marginMs"].as_i64().unwrap();
    assert!(margin > 0 && margin < 24 * HOUR_MS);
    api.service.clock.advance(HOUR_MS);
    assert_eq!(api.get(&path).await.json()["marginMs"], margin, "fixed by the block");
}
