//! `PUT /v1/badges/{id}/recipient`: a token for a badge, asked for at any time.

use axum::extract::State;
use axum::response::Response;
use domain::{Acceptance, BadgeRecord, MintRequest, Position, Recipient, Token};
use proof::{Address, checksummed};
use serde::Serialize;
use store::{Deed, MintAnswer};
use utoipa::ToSchema;

use super::change::{Change, ChangeRequest, answer};
use super::status::MintStatus;
use crate::collections::no_collection;
use crate::members::invalid;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::RecipientSchema;
use crate::service::{Service, Shared};

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
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header,
            description = "A name for this request: 1 to 255 visible ASCII characters in double quotes. \
                           For a day, the same request under the same key gets the same answer and does nothing twice")),
    request_body(content = RecipientSchema),
    responses(
        (status = 202, body = RecipientAnswer, description = "Recorded, on its way to the chain"),
        (status = 200, body = RecipientAnswer, description = "This recipient was recorded before"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json",
            description = "`invalid_member`: no address, or a wrong EIP-55 checksum"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`minted_to_another`: name that owner in `replaces`; `badge_revoked`; \
                           `idempotency_key_in_use`, with `Retry-After`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`no_collection`, `idempotency_key_reused`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`being_sealed`: repeat in a moment"),
    )
)]
pub(crate) async fn set_recipient(
    State(service): State<Shared>,
    request: ChangeRequest,
) -> Answer<Response> {
    let (owner, replaces) = request.read(|members| {
        Ok((members.required::<String>("recipient")?, members.optional::<String>("replaces")?))
    })?;
    let owner = read_owner("recipient", &owner)?;
    let replaces = replaces.map(|text| read_owner("replaces", &text)).transpose()?;
    if let Some(problem) = service.restored.refusal(&service).await? {
        return Err(problem);
    }
    let change = request.begin(&service).await?;
    let (acceptance, mint) = match change.done {
        Some(Deed::Mint { token, requested_at, acceptance: Acceptance::New, .. }) => {
            let stream = service.streams.get(&service, token.stream()).await?;
            (Acceptance::New, MintStatus::requested(&stream, requested_at, &owner))
        }
        Some(Deed::Mint { token, acceptance: Acceptance::Known, .. }) => {
            (Acceptance::Known, as_it_is_now(&service, &change.badge, token).await?)
        }
        _ => ask(&service, &change, owner, replaces).await?,
    };
    let is_new = acceptance == Acceptance::New;
    Ok(answer(is_new, RecipientAnswer { id: request.id(), mint }))
}

async fn ask(
    service: &Service,
    change: &Change<'_>,
    owner: Address,
    replaces: Option<Address>,
) -> Answer<(Acceptance, MintStatus)> {
    let Change { badge, claim, .. } = change;
    // dropped when the same owner was asked for before
    let recipient = Recipient { owner, salt: service.state.entropy.salt() };
    let request =
        MintRequest { badge: badge.position, recipient, replaces, requested_at: service.now() };
    let store = service.store();
    match store.request_mint_claiming(badge.account, &request, claim.as_ref()).await? {
        MintAnswer::Requested(token) => Ok((Acceptance::New, MintStatus::from(&token))),
        MintAnswer::Known(token) => Ok((Acceptance::Known, MintStatus::from(&token))),
        MintAnswer::OtherOwner(token) => Err(other_owner(&token)),
        MintAnswer::Revoked => Err(revoked()),
        MintAnswer::NoCollection => Err(no_collection()),
        MintAnswer::BeingSealed => {
            let detail = "the batch with its token is being sealed; repeat in a moment";
            Err(Problem::new(ProblemCode::BeingSealed, detail).retry_after(1))
        }
    }
}

/// How far a token is that the first request with the key had found, too.
async fn as_it_is_now(
    service: &Service,
    badge: &BadgeRecord,
    token: Position,
) -> Answer<MintStatus> {
    let tokens = service.store().tokens(badge.position).await?;
    let found = tokens.iter().find(|one| one.position == token);
    // only a revocation withdraws one
    found.map(MintStatus::from).ok_or_else(revoked)
}

fn revoked() -> Problem {
    Problem::new(ProblemCode::BadgeRevoked, "a revoked badge gets no token")
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
