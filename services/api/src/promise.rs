//! `GET /v1/promise`: how the promise is kept, for everybody.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use proof::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::REVALIDATE;
use crate::problem::Answer;
use crate::service::Shared;

/// The promise as a whole.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromiseReport {
    /// The service's id, as in its receipts.
    service: String,
    /// Length of the promise for badges accepted now, in milliseconds.
    #[schema(example = 86_400_000)]
    promise_ms: i64,
    /// Badges accepted and not yet final.
    open: u64,
    /// Badges not final though their deadline has passed, counted by batch: an upper bound. Must
    /// be 0.
    overdue: u64,
    /// Badges anchored after their deadline, ever; counted likewise. Must be 0.
    late: u64,
    /// When the oldest open badge was accepted.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_open_at: Option<Timestamp>,
    /// The earliest deadline still open.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_deadline_at: Option<Timestamp>,
    /// When this was asked.
    #[schema(value_type = String)]
    as_of: Timestamp,
}

/// How many promises are open, overdue and broken.
///
/// At most two seconds old. A breach is provable by anyone: receipt, all commitments until its
/// deadline, and their tiles.
#[utoipa::path(get, path = "/v1/promise", operation_id = "getPromise", tag = "trust",
    responses((status = 200, body = PromiseReport)))]
pub(crate) async fn promise(State(service): State<Shared>) -> Answer<impl IntoResponse> {
    let status = service.promise.status(&service).await?;
    let stream = &service.state.stream;
    let report = PromiseReport {
        service: stream.service.clone(),
        promise_ms: stream.promise_ms,
        open: status.open,
        overdue: status.overdue,
        late: status.late,
        oldest_open_at: status.oldest_open_at,
        next_deadline_at: status.next_deadline_at,
        as_of: service.now(),
    };
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(report)))
}
