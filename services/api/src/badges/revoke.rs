//! `POST /v1/badges/{id}/revoke`: revocation on chain, asked for once.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::RevocationReason;
use serde::Serialize;
use store::RevocationRequest;
use utoipa::ToSchema;

use super::own::own_badge;
use super::status::RevocationStatus;
use crate::authentication::Ingest;
use crate::body;
use crate::members::{Members, invalid};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::RevocationSchema;
use crate::service::Shared;

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
    params(("id" = String, Path)),
    request_body(content = RevocationSchema),
    responses(
        (status = 202, body = RevokeAnswer, description = "Recorded, on its way to the chain"),
        (status = 200, body = RevokeAnswer, description = "Final on chain already"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_revoked_differently`"),
    )
)]
pub(crate) async fn revoke(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    Named(id): Named<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.body_bytes).await?;
    let mut members = Members::parse(&bytes)?;
    let reason: String = members.required("reason")?;
    members.finish()?;
    let reason: RevocationReason = reason.parse().map_err(|why| invalid("reason", &why))?;

    let record = own_badge(&service, &grant, &id).await?;
    let request = RevocationRequest {
        account: grant.account,
        position: record.position,
        reason,
        requested_at: service.now(),
    };
    let revocation = service.store().request_revocation(request).await?;
    if revocation.reason != reason {
        let detail = format!("the recorded reason is {}", revocation.reason);
        return Err(Problem::new(ProblemCode::AlreadyRevokedDifferently, detail));
    }
    let status = if revocation.final_at.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let answer = RevokeAnswer { id, revocation: revocation.into() };
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(answer)))
}
