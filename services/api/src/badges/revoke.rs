//! `POST /v1/badges/{id}/revoke`: revocation on chain, asked for once.

use axum::extract::State;
use axum::response::Response;
use domain::{Revocation, RevocationReason};
use serde::Serialize;
use store::{Deed, RevocationRequest};
use utoipa::ToSchema;

use super::change::{Change, ChangeRequest, answer};
use super::status::RevocationStatus;
use crate::members::invalid;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::RevocationSchema;
use crate::service::{Service, Shared};

/// A revocation as recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevokeAnswer {
    /// The badge's id.
    id: String,
    revocation: RevocationStatus,
}

/// Revoke a badge.
///
/// The revocation is recorded durably, then carried to the chain once the badge is final there.
/// Revocation is for badges that should not be relied on any more; it does not hide them.
#[utoipa::path(
    post, path = "/v1/badges/{id}/revoke", operation_id = "revokeBadge", tag = "badges", security(("key" = ["ingest"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header,
            description = "A name for this request: 1 to 255 visible ASCII characters in double quotes. \
                           For a day, the same request under the same key gets the same answer and does nothing twice")),
    request_body(content = RevocationSchema),
    responses(
        (status = 202, body = RevokeAnswer, description = "Recorded, on its way to the chain"),
        (status = 200, body = RevokeAnswer, description = "Final on chain already"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_revoked_differently`; `idempotency_key_in_use`, with `Retry-After`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`idempotency_key_reused`"),
    )
)]
pub(crate) async fn revoke(
    State(service): State<Shared>,
    request: ChangeRequest,
) -> Answer<Response> {
    let reason = request.read(|members| members.required::<String>("reason"))?;
    let reason: RevocationReason = reason.parse().map_err(|why| invalid("reason", &why))?;
    let change = request.begin(&service).await?;
    let revocation = match change.done {
        Some(Deed::Revocation { requested_at, final_at, .. }) => {
            Revocation { reason, requested_at, final_at }
        }
        _ => ask(&service, &change, reason).await?,
    };
    let is_new = revocation.final_at.is_none();
    Ok(answer(is_new, RevokeAnswer { id: request.id(), revocation: revocation.into() }))
}

async fn ask(
    service: &Service,
    change: &Change<'_>,
    reason: RevocationReason,
) -> Answer<Revocation> {
    let request = RevocationRequest {
        account: change.badge.account,
        position: change.badge.position,
        reason,
        requested_at: service.now(),
    };
    let store = service.store();
    let revocation = store.request_revocation_claiming(request, change.claim.as_ref()).await?;
    if revocation.reason != reason {
        let detail = format!("the recorded reason is {}", revocation.reason);
        return Err(Problem::new(ProblemCode::AlreadyRevokedDifferently, detail));
    }
    Ok(revocation)
}
