//! What the service writes about its requests.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, submission};
use crate::support::over_both_databases;

over_both_databases!(a_request_is_one_line_without_secrets);

/// What all tests of this process logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The process has one subscriber: scoped ones of tests that run at once disturb each other.
    fn of_the_process() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let sink = log.clone();
            let filter = "off,api=debug,badge=debug,store=debug,store_sqlite=debug,\
                          store_postgres=debug,verifier=debug";
            tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_ansi(false)
                .with_writer(move || sink.clone())
                .init();
            log
        })
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

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
