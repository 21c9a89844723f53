//! What stands around the handlers: unknown paths, limits, web pages, operators.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use api::{Limits, Rate};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::{Entropy, GatePolicy};
use serde_json::json;
use store::Store;
use tower::ServiceExt as _;

use super::client::{Api, submission};
use crate::support::over_both_databases;

over_both_databases!(
    problems_look_as_committed,
    unknown_paths_and_methods_are_problems,
    web_pages_may_read_what_is_public,
    every_answer_has_a_request_id,
    the_documentation_needs_no_internet,
    too_many_requests_of_a_key_wait,
    too_many_requests_of_an_address_wait,
    too_many_bulk_requests_wait,
    a_stopped_store_is_503,
    a_slow_request_is_given_up,
    a_panic_is_a_problem,
    operators_see_health_and_metrics,
);

async fn problems_look_as_committed(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let listed = api.public("GET", "/v1/problems", "").await.json();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/suite/api/problems.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{listed:#}\n")).unwrap();
    }
    let committed: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(listed, committed, "codes are stable; run with UPDATE=1 if one was added");
    let body = json!({"digest": "ab".repeat(32), "rule": "opaque", "issuer": "did:web:x"});
    assert_eq!(
        api.post("/v1/badges", &body).await.json(),
        json!({
            "type": "/v1/problems/issuer_not_registered",
            "title": "The issuer is not one that this key may speak for",
            "status": 422,
            "code": "issuer_not_registered",
            "detail": "did:web:x is no enabled issuer of this account and key",
        })
    );
    for code in ["issuer_not_registered", "duplicate_key"] {
        let one = api.public("GET", &format!("/v1/problems/{code}"), "").await;
        assert_eq!(one.json()["code"], code);
    }
    assert_eq!(api.public("GET", "/v1/problems/other", "").await.problem(), "not_found");
}

async fn unknown_paths_and_methods_are_problems(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    for path in [
        "/",
        "/v1",
        "/v1/proofs/%FF",
        "/v1/batches/%FF",
        "/v1/badge",
        "/v2/badges",
        "/healthz",
        "/metrics",
    ] {
        assert_eq!(api.public("GET", path, "").await.problem(), "not_found", "{path}");
    }
    let answer = api.public("PUT", "/v1/badges", "").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (405, "method_not_allowed"));
    let allowed = answer.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert_eq!(api.public("GET", "/v1/verify", "").await.problem(), "method_not_allowed");
}

async fn web_pages_may_read_what_is_public(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let preflight = |path: &str| {
        Request::options(path)
            .header(header::ORIGIN, "https://wallet.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type")
            .body(Body::empty())
            .unwrap()
    };
    let answer = api.send(preflight("/v1/verify")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("content-type,if-none-match"));
    let answer = api.send(preflight("/v1/badges")).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let answer = api.public("GET", "/v1/proofs/unknown", "").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

async fn every_answer_has_a_request_id(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.public("GET", "/v1/promise", "").await;
    let second = api.public("GET", "/nowhere", "").await;
    let id = |answer: &super::client::Answer| answer.header("x-request-id").unwrap().to_owned();
    assert_ne!(id(&first), id(&second));
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
    for (given, kept) in [("abc-1.2_3", true), ("a b", false), ("", false)] {
        let request = Request::get("/v1/promise").header("x-request-id", given);
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(id(&answer) == given, kept, "{given}");
    }
}

async fn the_documentation_needs_no_internet(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let document = api.public("GET", "/openapi.json", "").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:8080");
    let page = api.public("GET", "/docs/", "").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("http"));
    let links = page.text().split(['"', '\'']).filter(|part| part.starts_with("./"));
    let files: Vec<_> = links.map(|link| link.trim_start_matches("./").to_owned()).collect();
    assert!(files.iter().any(|file| file.ends_with(".js")), "{files:?}");
    assert!(!page.text().contains("src=\"http") && !page.text().contains("href=\"http"));
    for file in files {
        let answer = api.public("GET", &format!("/docs/{file}"), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
    }
    let start = api.public("GET", "/docs/swagger-initializer.js", "").await;
    assert!(start.text().contains("/openapi.json"));
    assert!(start.text().contains("\"validatorUrl\": \"none\""), "{}", start.text());
}

fn slow(per_key: bool) -> Limits {
    let two = NonZeroU32::new(2).unwrap();
    let rate = Some(Rate { per_second: NonZeroU32::MIN, burst: two });
    if per_key {
        Limits { per_key: rate, per_address: None, ..Limits::default() }
    } else {
        Limits { per_address: rate, per_key: None, ..Limits::default() }
    }
}

async fn too_many_requests_of_a_key_wait(store: Arc<dyn Store>) {
    let api = Api::with(store, |state| state.config.limits = slow(true)).await;
    for _ in 0..2 {
        assert_eq!(api.get("/v1/badges").await.status, StatusCode::OK);
    }
    let answer = api.get("/v1/badges").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (429, "rate_limited"));
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    let other = api.new_key(api.service.account, "read", &[]).await;
    assert_eq!(api.call_as(&other, "GET", "/v1/badges", "").await.status, StatusCode::OK);
    assert_eq!(api.public("GET", "/v1/promise", "").await.status, StatusCode::OK);
}

async fn too_many_requests_of_an_address_wait(store: Arc<dyn Store>) {
    let api = Api::with(store, |state| state.config.limits = slow(false)).await;
    assert_eq!(api.get("/v1/badges").await.status, StatusCode::OK);
    assert_eq!(api.public("GET", "/v1/promise", "").await.status, StatusCode::OK);
    assert_eq!(api.public("GET", "/v1/trust", "").await.problem(), "rate_limited");
    // a key that was just read costs nothing; guessing costs the same bucket
    assert_eq!(api.get("/v1/badges").await.status, StatusCode::OK);
    // and does not reach the database, which would say so
    api.service.store.close().await;
    let guess = domain::ApiKey::generate(&domain::SeededEntropy::new(98));
    let answer = api.call_as(guess.reveal(), "GET", "/v1/badges", "").await;
    assert_eq!(answer.problem(), "rate_limited");
}

async fn too_many_bulk_requests_wait(store: Arc<dyn Store>) {
    let api = Api::with(store, |state| state.config.limits.bulk_in_flight = 0).await;
    let answer = api.call("POST", "/v1/badges/bulk", submission(1).to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "intake_busy"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

async fn a_stopped_store_is_503(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    api.get("/v1/badges").await;
    api.service.store.close().await;
    for answer in [
        api.post("/v1/badges", &submission(1)).await,
        api.get("/v1/badges").await,
        api.public("GET", "/v1/batches", "").await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "unavailable"));
        assert!(answer.header("retry-after").is_some());
    }
}

async fn a_slow_request_is_given_up(store: Arc<dyn Store>) {
    let at_once = Duration::ZERO;
    let api = Api::with(store, |state| state.config.limits.request_timeout = at_once).await;
    let never_ending = futures::stream::pending::<std::io::Result<String>>();
    let answer = api.public("POST", "/v1/verify", Body::from_stream(never_ending)).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (408, "request_timeout"));
    assert!(answer.header("x-request-id").is_some());
}

/// Fails as a bug would.
struct Broken;

impl Entropy for Broken {
    fn bytes32(&self) -> [u8; 32] {
        panic!("no randomness");
    }
}

async fn a_panic_is_a_problem(store: Arc<dyn Store>) {
    let api = Api::with(store, |state| state.entropy = Arc::new(Broken)).await;
    let request = Request::post("/v1/badges")
        .header(header::AUTHORIZATION, format!("Bearer {}", api.key))
        .header("x-request-id", "so-that-none-is-drawn")
        .body(Body::from(submission(1).to_string()));
    let answer = api.send(request.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (500, "internal"));
    assert!(!answer.text().contains("randomness"));
    assert_eq!(answer.header("x-request-id"), Some("so-that-none-is-drawn"));
}

async fn operators_see_health_and_metrics(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let (store, clock) = (Arc::clone(&api.service.store), api.service.clock.clone());
    let policy = GatePolicy {
        promise_ms: 24 * 3_600_000,
        at_risk_ms: 1_800_000,
        batch_badges: 50,
        batches_at_once: 4,
    };
    let rendered = Arc::new(|| "rendered".to_owned());
    let router = api::operations_router(Arc::clone(&store), clock, policy, rendered);
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(get("/healthz").await.0, 200);
    assert_eq!(get("/readyz").await.0, 200);
    assert_eq!(get("/metrics").await, (200, "rendered".to_owned()));
    store.close().await;
    assert_eq!(get("/readyz").await.0, 503);
    assert_eq!(get("/healthz").await.0, 200, "alive, though not ready");
}
