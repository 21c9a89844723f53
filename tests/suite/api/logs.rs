//! What the service writes about its requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, submission};
use crate::support::{Log, over_both_databases};

over_both_databases!(a_request_is_one_line_without_secrets);

async fn a_request_is_one_line_without_secrets(store: Arc<dyn Store>) {
    let log = Log::of_the_process();
    let api = Api::on(store).await;
    // both databases' tests write into one log, with the same keys
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let id = format!("log-test-{}", RUNS.fetch_add(1, Ordering::SeqCst));
    let call = async |number: usize, method: &str, path: &str, body: String| -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", api.key))
            .header("x-request-id", format!("{id}-{number}"));
        let answer = api.send(request.body(Body::from(body)).unwrap()).await;
        serde_json::from_slice(&answer.body).unwrap_or_default()
    };
    let answer = call(0, "POST", "/v1/badges", submission(1).to_string()).await;
    let token = answer["proofToken"].as_str().unwrap();
    let promise = &answer["receipt"]["promise"];
    let (digest, salt) = (promise["digest"].as_str().unwrap(), promise["salt"].as_str().unwrap());
    call(1, "GET", &format!("/v1/proofs/{token}"), String::new()).await;
    let lookup = json!({"rule": "jcs-sha256-v1", "digest": digest}).to_string();
    call(2, "POST", "/v1/proofs/lookup", lookup).await;
    let badge = format!("/v1/badges/{}", answer["id"].as_str().unwrap());
    call(3, "DELETE", &badge, String::new()).await;

    let text = log.text();
    for (number, route, status) in [
        (0, "/v1/badges", 202),
        (1, "/v1/proofs/{proofToken}", 200),
        (2, "/v1/proofs/lookup", 200),
        (3, "/v1/badges/{id}", 204),
    ] {
        let id = format!("{id}-{number}");
        let lines: Vec<_> = text.lines().filter(|line| line.contains(&id)).collect();
        let [line] = lines[..] else { panic!("one line a request: {lines:?}") };
        assert!(line.contains(&format!("route={route:?}")), "{line}");
        assert!(
            line.contains(&format!("status={status}")) && line.contains("elapsed_ms="),
            "{line}"
        );
    }
    for secret in [token, digest, salt, &api.key, "김서연", "수료-1"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}
