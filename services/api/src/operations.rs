//! `/healthz`, `/readyz`, `/metrics`: for operators, on a listener of their own.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::{Clock, GatePolicy};
use store::Store;

use crate::promise_metrics;

/// Renders all metrics in the Prometheus text format.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

#[derive(Clone)]
struct Operations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    policy: GatePolicy,
    metrics: MetricsText,
}

/// The operators' routes. Not to be reachable by the public. `policy` is that of the process's own
/// stream.
pub fn operations_router(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    policy: GatePolicy,
    metrics: MetricsText,
) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(Operations { store, clock, policy, metrics })
}

/// Ready: the database answers and has this program's schema.
async fn ready(State(operations): State<Operations>) -> impl IntoResponse {
    match operations.store.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")),
    }
}

async fn metrics_text(State(operations): State<Operations>) -> impl IntoResponse {
    let Operations { store, clock, policy, metrics } = operations;
    if let Err(error) = promise_metrics::set(store.as_ref(), &policy, clock.now()).await {
        tracing::warn!(%error, "the promise's metrics are old");
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics())
}
