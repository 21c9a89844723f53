//! `PUT /v1/badges/{id}/recipient`: a token for a badge, asked for at any time.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::{MintRequest, Recipient, Token};
use proof::{Address, checksummed};
use serde::Serialize;
use store::MintAnswer;
use utoipa::ToSchema;

use super::own::own_badge;
use super::status::MintStatus;
use crate::authentication::Ingest;
use crate::body;
use crate::collections::no_collection;
use crate::members::{Members, invalid};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::RecipientSchema;
use crate::service::Shared;

/// A request for a token, as recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecipientAnswer {
    /// The badge's id.
    id: String,
    mint: MintStatus,
}

/// Ask for a badge's token.
///
/// The token is minted for good: it can be revoked and burned, never moved, and its owner's address
/// stays public on chain for ever. Have the learner's consent. For a lost wallet name its address in
/// `replaces`: that token is revoked and a new one is minted.
#[utoipa::path(
    put, path = "/v1/badges/{id}/recipient", operation_id = "setRecipient", tag = "badges", security(("key" = ["ingest"])),
    params(("id" = String, Path)),
    request_body(content = RecipientSchema),
    responses(
        (status = 202, body = RecipientAnswer, description = "Recorded, on its way to the chain"),
        (status = 200, body = RecipientAnswer, description = "This recipient was recorded before"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json",
            description = "`invalid_member`: no address, or a wrong EIP-55 checksum"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`minted_to_another`: name that owner in `replaces`; `badge_revoked`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`no_collection`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`being_sealed`: repeat in a moment"),
    )
)]
pub(crate) async fn set_recipient(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    Named(id): Named<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.body_bytes).await?;
    let mut members = Members::parse(&bytes)?;
    let owner: String = members.required("recipient")?;
    let replaces: Option<String> = members.optional("replaces")?;
    members.finish()?;
    let owner = read_owner("recipient", &owner)?;
    let replaces = replaces.map(|text| read_owner("replaces", &text)).transpose()?;

    let record = own_badge(&service, &grant, &id).await?;
    // dropped when the same owner was asked for before
    let recipient = Recipient { owner, salt: service.state.entropy.salt() };
    let request =
        MintRequest { badge: record.position, recipient, replaces, requested_at: service.now() };
    let (status, token) = match service.store().request_mint(grant.account, &request).await? {
        MintAnswer::Requested(token) => (StatusCode::ACCEPTED, token),
        MintAnswer::Known(token) => (StatusCode::OK, token),
        MintAnswer::OtherOwner(token) => return Err(other_owner(&token)),
        MintAnswer::Revoked => {
            let detail = "a revoked badge gets no token";
            return Err(Problem::new(ProblemCode::BadgeRevoked, detail));
        }
        MintAnswer::NoCollection => return Err(no_collection()),
        MintAnswer::BeingSealed => {
            let detail = "the batch with its token is being sealed; repeat in a moment";
            return Err(Problem::new(ProblemCode::BeingSealed, detail).retry_after(1));
        }
    };
    let answer = RecipientAnswer { id, mint: MintStatus::from(&token) };
    Ok((status, [(CACHE_CONTROL, "no-store")], Json(answer)))
}

/// The address in a member of a request.
pub(super) fn read_owner(member: &str, text: &str) -> Answer<Address> {
    proof::read_owner(text).map_err(|why| invalid(member, &why))
}

fn other_owner(token: &Token) -> Problem {
    let owner = token.owner.as_ref().map_or_else(|| "another owner".to_owned(), checksummed);
    let detail = format!("its token is {owner}'s; to replace it, name that owner in replaces");
    Problem::new(ProblemCode::MintedToAnother, detail).at("/replaces")
}
