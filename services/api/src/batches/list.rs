//! `GET /v1/batches`: all sealed batches, page by page.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::BatchId;
use serde::Serialize;
use utoipa::ToSchema;

use super::one::BatchView;
use crate::conditional::REVALIDATE;
use crate::parameters::Parameters;
use crate::problem::Answer;
use crate::service::Shared;

/// A page of batches, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchPage {
    items: Vec<BatchView>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// All sealed batches, oldest first.
#[utoipa::path(
    get, path = "/v1/batches", operation_id = "listBatches", tag = "batches",
    params(
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 1,000; 100 by default"),
    ),
    responses((status = 200, body = BatchPage))
)]
pub(crate) async fn list(
    State(service): State<Shared>,
    mut parameters: Parameters,
) -> Answer<impl IntoResponse> {
    let limits = &service.state.config.limits;
    let limit = parameters.page(limits.page, limits.page_max)?;
    let after = parameters.optional::<i64>("cursor")?.map(BatchId);
    parameters.finish()?;
    let mut batches = service.store().batches(after, limit + 1).await?;
    let more = batches.len() > limit as usize;
    batches.truncate(limit as usize);
    let mut items = Vec::with_capacity(batches.len());
    for batch in &batches {
        items.extend(BatchView::of(&service, batch).await?);
    }
    let next = batches.last().map(|batch| batch.id.to_string()).filter(|_| more);
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(BatchPage { items, next })))
}
