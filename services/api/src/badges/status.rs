//! `GET /v1/badges/{id}`: how far a badge is.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::{BadgeRecord, Batch, BatchState, MintState, Revocation, Stream, Token};
use proof::{Address, EvmHash, Hash, IssuerIdentifier, Rule, Timestamp, TokenId, checksummed};
use serde::Serialize;
use store::BadgeFilter;
use utoipa::ToSchema;

use super::own::own_badge;
use crate::authentication::Read;
use crate::parameters::Named;
use crate::problem::{Answer, ProblemDocument};
use crate::service::{Service, Shared};

/// The state of one badge, for its platform.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BadgeStatus {
    /// The badge's id.
    #[schema(example = "281474976710656")]
    pub id: String,
    /// `accepted`, `sealed`, `submitted`, `included` (may still be undone) or `final`.
    #[schema(example = "final")]
    pub state: &'static str,
    /// Set while its batch cannot be sent: `paused`, `role`, `funds` or `reverts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<&'static str>,
    /// The registered identifier.
    #[schema(value_type = String, example = "https://hanbit.ac.kr/")]
    pub issuer: IssuerIdentifier,
    /// How the digest was made.
    #[schema(value_type = String, example = "jcs-sha256-v1")]
    pub rule: Rule,
    /// The badge's digest.
    #[schema(value_type = String)]
    pub digest: Hash,
    /// The platform's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When the service had it.
    #[schema(value_type = String, example = "2026-03-01T09:30:00.000Z")]
    pub received_at: Timestamp,
    /// When the learner accepted, as the platform said.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_started_at: Option<Timestamp>,
    /// Latest block time promised.
    #[schema(value_type = String, example = "2026-03-02T09:30:00.000Z")]
    pub deadline_at: Timestamp,
    /// Milliseconds from the block time that anchored it, or from now while there is none, to the
    /// deadline. Negative: the promise is broken.
    pub margin_ms: i64,
    /// The commitment of its batch, once sealed.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Hash>,
    /// Where it was seen on chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<AnchorStatus>,
    /// When its revocation was final on chain.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// A revocation that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation: Option<RevocationStatus>,
    /// How far its token is, where one was asked for; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mint: Option<MintStatus>,
    /// Other badges of its issuer with the same `externalId`: the other editions of one credential,
    /// such as its JSON and its JWT; at most 100, not in lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub editions: Vec<String>,
    /// Gives the holder the proof.
    pub proof_token: String,
}

/// A token and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MintStatus {
    /// `requested`, `sealed`, `blocked`, `submitted`, `included` (may still be undone), `minted`,
    /// `burned` (by its owner) or `revoked`.
    #[schema(example = "minted")]
    pub state: &'static str,
    /// Of `blocked`: `paused`, `role`, `funds`, `full`, `gas` or `reverts`; of `revoked`: the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// When it was asked for.
    #[schema(value_type = String)]
    pub requested_at: Timestamp,
    /// EIP-155 chain id.
    #[schema(example = 1)]
    pub chain_id: u64,
    /// The collection.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<Address>,
    /// Decimal; once its batch is sealed.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<TokenId>,
    /// With its EIP-55 checksum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The commitment of its mint batch, once sealed.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Hash>,
    /// Where the mint was seen on chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<AnchorStatus>,
}

impl MintStatus {
    /// Of a request that was just made.
    pub(super) fn requested(stream: &Stream, requested_at: Timestamp, owner: &Address) -> Self {
        Self {
            state: MintState::Requested.name(),
            reason: None,
            requested_at,
            chain_id: stream.chain_id,
            contract: stream.kind.collection(),
            token_id: None,
            owner: Some(checksummed(owner)),
            batch: None,
            anchor: None,
        }
    }
}

impl From<&Token> for MintStatus {
    fn from(token: &Token) -> Self {
        let (state, batch) = (token.state(), token.batch.as_ref());
        let stream = &token.stream;
        Self {
            state: state.name(),
            reason: match state {
                MintState::Blocked(reason) => Some(reason.name()),
                MintState::Revoked => token.revocation.map(|revocation| revocation.reason.name()),
                _ => None,
            },
            requested_at: token.requested_at,
            chain_id: stream.chain_id,
            contract: stream.kind.collection(),
            token_id: token.id(),
            owner: token.owner.as_ref().map(checksummed),
            batch: batch.and_then(Batch::seal).map(|seal| seal.commitment),
            anchor: batch
                .and_then(Batch::inclusion)
                .map(|inclusion| AnchorStatus::new(stream.chain_id, stream.registry, inclusion)),
        }
    }
}

/// Where a batch was seen on chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnchorStatus {
    /// EIP-155 chain id.
    #[schema(example = 1)]
    pub chain_id: u64,
    /// The contract.
    #[schema(value_type = String)]
    pub registry: Address,
    /// The transaction, when a node told of it.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<EvmHash>,
    /// The block's number.
    pub block_number: u64,
    /// The block's hash.
    #[schema(value_type = String)]
    pub block_hash: EvmHash,
    /// The registry's timestamp.
    #[schema(value_type = String)]
    pub block_time: Timestamp,
}

/// A revocation and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevocationStatus {
    /// A reason of RFC 5280, section 5.3.1: `unspecified`, `key-compromise`, `affiliation-changed`, `superseded`, `cessation-of-operation` or `privilege-withdrawn`.
    #[schema(example = "privilege-withdrawn")]
    pub reason: &'static str,
    /// When it was asked for.
    #[schema(value_type = String)]
    pub requested_at: Timestamp,
    /// When it was final on chain.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_at: Option<Timestamp>,
}

impl From<Revocation> for RevocationStatus {
    fn from(revocation: Revocation) -> Self {
        let Revocation { reason, requested_at, final_at } = revocation;
        Self { reason: reason.name(), requested_at, final_at }
    }
}

impl AnchorStatus {
    pub(crate) fn new(chain_id: u64, registry: Address, inclusion: &domain::Inclusion) -> Self {
        Self {
            chain_id,
            registry,
            transaction: inclusion.transaction.map(|hash| EvmHash(hash.0)),
            block_number: inclusion.block_number,
            block_hash: EvmHash(inclusion.block_hash.0),
            block_time: inclusion.block_time,
        }
    }
}

impl BadgeStatus {
    pub(crate) fn of(service: &Service, record: &BadgeRecord) -> Self {
        let batch = record.batch.as_ref();
        let inclusion = batch.and_then(|batch| batch.inclusion());
        let reached = inclusion.map_or_else(|| service.now(), |inclusion| inclusion.block_time);
        let deadline_at = record.deadline_at();
        let stream = &record.stream;
        Self {
            id: record.position.to_string(),
            state: record.state().name(),
            blocked: batch.and_then(|batch| match batch.state {
                BatchState::Blocked { reason, .. } => Some(reason.name()),
                _ => None,
            }),
            issuer: record.identifier.clone(),
            rule: record.rule,
            digest: record.digest,
            external_id: record.external_id.as_ref().map(ToString::to_string),
            received_at: record.accepted_at,
            window_started_at: record.window_started_at,
            deadline_at,
            margin_ms: deadline_at.since(reached),
            batch: batch.and_then(|batch| batch.seal()).map(|seal| seal.commitment),
            anchor: inclusion
                .map(|inclusion| AnchorStatus::new(stream.chain_id, stream.registry, inclusion)),
            revoked_at: record.revocation.and_then(|revocation| revocation.final_at),
            revocation: record.revocation.map(RevocationStatus::from),
            mint: None,
            editions: Vec::new(),
            proof_token: service.state.token_secret.token(record.position),
        }
    }
}

/// The state of one of the account's badges.
#[utoipa::path(
    get, path = "/v1/badges/{id}", operation_id = "getBadge", tag = "badges", security(("key" = ["read"])),
    params(("id" = String, Path, example = "281474976710656")),
    responses(
        (status = 200, body = BadgeStatus),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "Unknown, erased, or another account's"),
    )
)]
pub(crate) async fn status(
    State(service): State<Shared>,
    Read(grant): Read,
    Named(id): Named<String>,
) -> Answer<impl IntoResponse> {
    let record = own_badge(&service, &grant, &id).await?;
    let tokens = service.store().tokens(record.position).await?;
    let mint = tokens.first().map(MintStatus::from);
    let editions = editions(&service, &record).await?;
    let status = BadgeStatus { mint, editions, ..BadgeStatus::of(&service, &record) };
    Ok(([(CACHE_CONTROL, "no-store")], Json(status)))
}

/// Most editions that are named.
const MAX_EDITIONS: u32 = 100;

async fn editions(service: &Service, record: &BadgeRecord) -> Answer<Vec<String>> {
    if record.external_id.is_none() {
        return Ok(Vec::new());
    }
    let filter = BadgeFilter {
        issuers: vec![record.issuer],
        external_id: record.external_id.clone(),
        ..BadgeFilter::default()
    };
    let found = service.store().badges(record.account, &filter, None, MAX_EDITIONS).await?;
    let others = found.iter().map(|one| one.position).filter(|one| *one != record.position);
    Ok(others.map(|position| position.to_string()).collect())
}
