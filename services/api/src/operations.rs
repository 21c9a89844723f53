//! `/healthz`, `/readyz`, `/metrics`: for operators, on a listener of their own.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::Clock;
use store::Store;

/// Renders all metrics in the Prometheus text format.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

#[derive(Clone)]
struct Operations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: MetricsText,
}

/// The operators' routes. Not to be reachable by the public.
pub fn operations_router(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: MetricsText,
) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(Operations { store, clock, metrics })
}

/// Ready: the database answers and has this program's schema.
async fn ready(State(operations): State<Operations>) -> impl IntoResponse {
    match operations.store.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {error}\n")),
    }
}

async fn metrics_text(State(operations): State<Operations>) -> impl IntoResponse {
    let Operations { store, clock, metrics } = operations;
    let now = clock.now();
    // without an answer the gauges keep their last values; /readyz tells
    if let Ok(status) = store.promise_status(now).await {
        let seconds =
            |at: Option<proof::Timestamp>| at.map_or(0.0, |at| now.since(at) as f64 / 1000.0);
        metrics::gauge!("ingam_promises_open").set(status.open as f64);
        metrics::gauge!("ingam_promises_overdue").set(status.overdue as f64);
        metrics::gauge!("ingam_oldest_open_age_seconds").set(seconds(status.oldest_open_at));
        metrics::gauge!("ingam_next_deadline_in_seconds").set(-seconds(status.next_deadline_at));
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics())
}
