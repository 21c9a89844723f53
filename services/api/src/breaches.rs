//! `GET /v1/promise/breaches`: every promise that the service knows to be broken, for ever.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::BreachRecord;
use proof::{BreachProof, BreachStatement, Hash, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::REVALIDATE;
use crate::parameters::Parameters;
use crate::problem::Answer;
use crate::schemas::{BreachProofSchema, BreachStatementSchema};
use crate::service::{Service, Shared};

/// A page of breaches, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BreachPage {
    items: Vec<BreachView>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A broken promise. `statement` and `proof` together are a file that verifies offline with the
/// trust file; the other members say what became of it since.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BreachView {
    #[schema(value_type = BreachStatementSchema)]
    statement: BreachStatement,
    #[schema(value_type = Option<BreachProofSchema>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<BreachProof>,
    /// Of the batch, as soon as it is sealed: `GET /v1/batches/{commitment}`.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    commitment: Option<Hash>,
    /// Time of the block that anchored the batch.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    anchored_at: Option<Timestamp>,
    /// When the service knew that block to be final.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    final_at: Option<Timestamp>,
    /// Badges of the batch that were anchored after their deadlines.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<u64>,
}

/// Promises that were not kept, oldest first.
///
/// The service records a batch as soon as badges of it are overdue, once, and never removes it.
/// Statements are numbered 1, 2, 3, … without gaps, so that a missing one shows.
#[utoipa::path(
    get, path = "/v1/promise/breaches", operation_id = "listBreaches", tag = "trust",
    params(
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 1,000; 100 by default"),
    ),
    responses((status = 200, body = BreachPage))
)]
pub(crate) async fn list(
    State(service): State<Shared>,
    mut parameters: Parameters,
) -> Answer<impl IntoResponse> {
    let limits = &service.state.config.limits;
    let limit = parameters.page(limits.page, limits.page_max)?;
    let after = parameters.optional::<i64>("cursor")?.unwrap_or_default();
    parameters.finish()?;
    let mut breaches = signed(&service, after, limit + 1).await?;
    let more = breaches.len() > limit as usize;
    breaches.truncate(limit as usize);
    let next = breaches.last().map(|breach| breach.number.to_string()).filter(|_| more);
    let items = breaches.into_iter().map(BreachView::from).collect();
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(BreachPage { items, next })))
}

/// Breaches that a worker alone has just recorded are signed before they are shown.
async fn signed(service: &Service, after: i64, limit: u32) -> Answer<Vec<BreachRecord>> {
    let store = service.store();
    let breaches = store.breaches(after, limit).await?;
    let unsigned: Vec<_> = breaches.iter().filter(|breach| breach.proof.is_none()).collect();
    if unsigned.is_empty() {
        return Ok(breaches);
    }
    for breach in unsigned {
        let signed = service.state.receipt_key.state_breach(breach.statement());
        // the first signature stands, whoever made it
        store.sign_breach(breach.number, &signed.proof).await?;
    }
    Ok(store.breaches(after, limit).await?)
}

impl From<BreachRecord> for BreachView {
    fn from(record: BreachRecord) -> Self {
        Self {
            statement: record.statement(),
            proof: record.proof,
            commitment: record.batch_commitment,
            anchored_at: record.ended.map(|end| end.anchored_at),
            final_at: record.ended.map(|end| end.final_at),
            late: record.ended.map(|end| end.late),
        }
    }
}
