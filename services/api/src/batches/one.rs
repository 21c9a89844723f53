//! `GET /v1/batches/{commitment}`: one sealed batch.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::{Batch, BatchState};
use proof::{Address, Hash, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::badges::status::AnchorStatus;
use crate::conditional::REVALIDATE;
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::service::{Service, Shared};

/// A sealed batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchView {
    /// What is anchored; names the batch everywhere.
    #[schema(value_type = String)]
    commitment: Hash,
    /// Leaves.
    #[schema(example = 1000)]
    size: u64,
    /// Root of the tree over the leaves.
    #[schema(value_type = String)]
    root: Hash,
    /// Root of its Blockcerts tree, where it has one.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    blockcerts_root: Option<Hash>,
    /// `sealed`, `submitted`, `included` (may still be undone) or `final`.
    #[schema(example = "final")]
    state: &'static str,
    /// Set while it cannot be sent: `paused`, `role`, `funds`, `full`, `gas` or `reverts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<&'static str>,
    /// EIP-155 chain id.
    #[schema(example = 1)]
    chain_id: u64,
    /// The contract that it is anchored in.
    #[schema(value_type = String)]
    registry: Address,
    /// Of a mint batch: the collection of its tokens.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    collection: Option<Address>,
    /// The earliest deadline of its badges.
    #[schema(value_type = String)]
    deadline_at: Timestamp,
    /// Where it was seen on chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<AnchorStatus>,
}

impl BatchView {
    /// `None` while the batch is merely cut.
    pub(crate) async fn of(service: &Service, batch: &Batch) -> Answer<Option<Self>> {
        let Some(seal) = batch.seal() else { return Ok(None) };
        let stream = service.streams.get(service, batch.stream).await?;
        let (state, blocked) = match batch.state {
            BatchState::Cut | BatchState::Vacated | BatchState::Sealed { .. } => ("sealed", None),
            BatchState::Blocked { reason, .. } => ("sealed", Some(reason.name())),
            BatchState::InFlight { inclusion: None, .. } => ("submitted", None),
            BatchState::InFlight { inclusion: Some(_), .. } => ("included", None),
            BatchState::Final { .. } => ("final", None),
        };
        let anchor = batch
            .inclusion()
            .map(|inclusion| AnchorStatus::new(stream.chain_id, stream.registry, inclusion));
        Ok(Some(Self {
            commitment: seal.commitment,
            size: seal.size,
            root: seal.root,
            blockcerts_root: Some(seal.blockcerts_root).filter(|root| *root != Hash::ZERO),
            state,
            blocked,
            chain_id: stream.chain_id,
            registry: stream.registry,
            collection: stream.kind.collection(),
            deadline_at: batch.deadline_at,
            anchor,
        }))
    }
}

/// One batch.
#[utoipa::path(
    get, path = "/v1/batches/{commitment}", operation_id = "getBatch", tag = "batches",
    params(("commitment" = String, Path, description = "64 lower-case hexadecimal digits")),
    responses(
        (status = 200, body = BatchView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn one(
    State(service): State<Shared>,
    Named(commitment): Named<String>,
) -> Answer<impl IntoResponse> {
    let batch = by_commitment(&service, &commitment).await?;
    let view = BatchView::of(&service, &batch).await?.ok_or_else(Problem::not_found)?;
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(view)))
}

/// The batch of a commitment in text; a text that is none is the same 404.
pub(crate) async fn by_commitment(service: &Service, commitment: &str) -> Answer<Batch> {
    let commitment: Hash = commitment.parse().map_err(|_| Problem::not_found())?;
    service.store().batch_by_commitment(commitment).await?.ok_or_else(Problem::not_found)
}
