//! `GET /v1/proofs/{proofToken}`: the proof, for whoever holds its token.

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use domain::BadgeState;

use super::document::{Documents, WithReceipt};
use crate::conditional::{self, REVALIDATE};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::schemas::ProofSchema;
use crate::service::Shared;

/// The proof document of one badge.
///
/// While the badge is not on chain, `anchors` is empty and `deadlineAt` says when it will be at the
/// latest. `Retry-After` says when to ask again; without it the anchor is final. Keep that document:
/// it verifies without this service.
#[utoipa::path(
    get, path = "/v1/proofs/{proofToken}", operation_id = "getProof", tag = "proofs",
    params(("proofToken" = String, Path, description = "From the answer to the submission"),
        ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, body = ProofSchema,
            headers(("ETag" = String), ("Retry-After" = u32, description = "Seconds, until it is final"))),
        (status = 304, description = "As the client has it"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "No such token, or the badge was erased"),
    )
)]
pub(crate) async fn by_token(
    State(service): State<Shared>,
    Named(token): Named<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let position = service.state.token_secret.open(&token).ok_or_else(Problem::not_found)?;
    let record = service.store().badge(position).await?.ok_or_else(Problem::not_found)?;
    let document = Documents::new(&service).of(&record, WithReceipt::Yes).await?;
    let body = document.to_json();
    let mut response = conditional::answer(&headers, "application/json", REVALIDATE, body);
    if record.state() != BadgeState::Final {
        let seconds = HeaderValue::from(service.state.config.limits.pending_retry_s);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    Ok(response)
}
