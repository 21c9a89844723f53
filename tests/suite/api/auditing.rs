//! What auditors read: batches, tiles, the trust file, the promise.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use proof::{Hash, Tile, TileId, TrustFile, commitment, root_of_leaves};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER};
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_commitment_is_rebuilt_from_its_tiles,
    batches_are_listed_by_pages,
    the_trust_file_and_its_past_are_public,
    the_promise_is_public,
);

async fn a_commitment_is_rebuilt_from_its_tiles(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.finished(3).await;
    let list = api.public("GET", "/v1/batches", "").await;
    assert!(!list.text().contains(ISSUER), "no issuer is named");
    let batch = list.json()["items"][0].clone();
    assert_eq!((&batch["size"], &batch["state"]), (&json!(3), &json!("final")));
    let name = batch["commitment"].as_str().unwrap();
    assert_eq!(api.public("GET", &format!("/v1/batches/{name}"), "").await.json(), batch);
    let path = format!("/v1/batches/{name}/tiles/0/0");
    let answer = api.public("GET", &path, "").await;
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let tile = Tile::from_bytes(TileId { level: 0, index: 0 }, &answer.body).unwrap();
    let root = root_of_leaves(&tile.hashes).unwrap();
    assert_eq!(batch["root"], root.to_string());
    assert_eq!(name, commitment(3, root, Hash::ZERO).to_string());
    for missing in [
        format!("/v1/batches/{name}/tiles/1/0"),
        format!("/v1/batches/{name}/tiles/0/1"),
        format!("/v1/batches/{name}/tiles/256/0"),
        format!("/v1/batches/{}", "00".repeat(32)),
        "/v1/batches/short".to_owned(),
    ] {
        let answer = api.public("GET", &missing, "").await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "not_found"));
    }
}

async fn batches_are_listed_by_pages(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    for number in 0..3 {
        api.submit(number).await;
        api.service.grow_old();
        api.service.work().await.unwrap();
    }
    let mut names: Vec<Value> = Vec::new();
    let mut path = "/v1/batches?limit=2".to_owned();
    for expected in [2, 1] {
        let page = api.public("GET", &path, "").await.json();
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), expected);
        names.extend(items.iter().map(|item| item["commitment"].clone()));
        path = format!("/v1/batches?limit=2&cursor={}", page["next"].as_str().unwrap_or_default());
    }
    let distinct: std::collections::HashSet<_> = names.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), 3);
}

async fn the_trust_file_and_its_past_are_public(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let answer = api.public("GET", "/v1/trust", "").await;
    let first = TrustFile::parse(&answer.body).unwrap();
    assert_eq!(first.service, api.service.stream.service);
    let mut second = first.clone();
    second.registries[0].until_block = Some(1_000_000);
    let now = first.published_at.plus_millis(1);
    api.service.store.publish_trust(&second, 1, now).await.unwrap();
    api.service.clock.advance(2_001);
    let published = api.public("GET", "/v1/trust", "").await;
    assert_eq!(TrustFile::parse(&published.body).unwrap(), second);
    let tag = answer.header("etag").unwrap();
    let request = Request::get("/v1/trust").header(header::IF_NONE_MATCH, tag);
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "another file, another tag");
    let whole = api.public("GET", "/.well-known/ingam.json", "").await.json();
    assert_eq!(whole["service"], first.service);
    assert_eq!(whole["history"][0]["digest"], first.digest().to_string());
    assert_eq!(whole["history"][1]["digest"], second.digest().to_string());
    assert_eq!(whole["history"][1]["trust"], whole["trust"]);
    let past = whole["history"][0]["trust"].to_string();
    assert_eq!(TrustFile::parse(past.as_bytes()).unwrap(), first);
}

async fn the_promise_is_public(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let idle = api.public("GET", "/v1/promise", "").await.json();
    assert_eq!((&idle["open"], &idle["overdue"]), (&json!(0), &json!(0)));
    assert!(idle.get("oldestOpenAt").is_none());
    api.submit(1).await;
    api.service.clock.advance(25 * HOUR_MS);
    let late = api.public("GET", "/v1/promise", "").await.json();
    assert_eq!((&late["open"], &late["overdue"]), (&json!(1), &json!(1)));
    assert_eq!(late["nextDeadlineAt"], "2026-03-02T09:30:00.000Z");
    assert_eq!(late["promiseMs"], 24 * HOUR_MS);
}
