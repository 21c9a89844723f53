//! `DELETE /v1/badges/{id}`: erasure.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use store::Erasure;

use super::own::own_badge;
use crate::authentication::Ingest;
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::service::Shared;

/// Sealing a batch takes a moment; so often, and so long apart, it is waited for.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Erase a badge.
///
/// Deletes digest, salt, external id, receipt data and proof token; afterwards the badge is
/// unknown here. What remains: the leaf (a hash that belongs to nobody without the salt) in its
/// batch and on chain, and the copies of badge, receipt and proof that others hold, which go on
/// verifying. An open badge's place is sealed as vacated. A request for a token ends; a token whose
/// batch is sealed is minted all the same, and its id and its owner's address stay on chain for
/// ever, described here in general words only.
#[utoipa::path(
    delete, path = "/v1/badges/{id}", operation_id = "eraseBadge", tag = "badges", security(("key" = ["ingest"])),
    params(("id" = String, Path)),
    responses(
        (status = 204, description = "Erased"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "Unknown, erased before, or another account's"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`being_sealed`: repeat in a moment"),
    )
)]
pub(crate) async fn erase(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    Named(id): Named<String>,
) -> Answer<StatusCode> {
    let record = own_badge(&service, &grant, &id).await?;
    // written down first: a backup that is restored later must not bring the badge back
    service.state.erasures.append(record.position, service.now()).await?;
    for attempt in 1..=TRIES {
        match service.store().erase(grant.account, record.position, service.now()).await? {
            Erasure::Erased => return Ok(StatusCode::NO_CONTENT),
            Erasure::BeingSealed if attempt < TRIES => tokio::time::sleep(PAUSE).await,
            Erasure::BeingSealed => {}
        }
    }
    let detail = "its batch is being sealed; repeat in a moment";
    Err(Problem::new(ProblemCode::BeingSealed, detail).retry_after(1))
}
