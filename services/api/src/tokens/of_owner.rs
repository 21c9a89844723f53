//! `GET /v1/owners/{address}/tokens`: the tokens of a wallet.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::{Batch, Position, Token};
use proof::{Address, TokenId, read_owner};
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::REVALIDATE;
use crate::parameters::{Named, Parameters};
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::service::{Service, Shared};

/// A token of an owner, seen on chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnedToken {
    /// EIP-155 chain id.
    #[schema(example = 1)]
    chain_id: u64,
    /// The collection.
    #[schema(value_type = String)]
    contract: Address,
    /// Decimal.
    #[schema(value_type = String)]
    id: TokenId,
    /// `included` (may still be undone), `minted` or `revoked`.
    #[schema(example = "minted")]
    state: &'static str,
    /// Its ERC-721 metadata.
    metadata_url: String,
}

/// A page of tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedTokens {
    items: Vec<OwnedToken>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Tokens of an owner, as this service minted them.
///
/// Only what is on chain, where anyone may read the same; burned and replaced tokens are left out.
#[utoipa::path(
    get, path = "/v1/owners/{address}/tokens", operation_id = "listTokensOfOwner", tag = "tokens",
    params(
        ("address" = String, Path, description = "`0x` and 40 hexadecimal digits; mixed case is an EIP-55 checksum"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses(
        (status = 200, body = OwnedTokens),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json",
            description = "`invalid_parameter`, also for what is no address or has a wrong checksum"),
    )
)]
pub(crate) async fn of_owner(
    State(service): State<Shared>,
    Named(address): Named<String>,
    mut parameters: Parameters,
) -> Answer<impl IntoResponse> {
    let limits = &service.state.config.limits;
    let cursor = parameters.optional::<Position>("cursor")?;
    let limit = parameters.page(limits.page, limits.page_max)?;
    parameters.finish()?;
    let owner = read_owner(&address)
        .map_err(|why| Problem::new(ProblemCode::InvalidParameter, format!("address: {why}")))?;
    let mut tokens = service.store().tokens_of_owner(owner, cursor, limit + 1).await?;
    let more = tokens.len() > limit as usize;
    tokens.truncate(limit as usize);
    let next = tokens.last().filter(|_| more);
    let page = OwnedTokens {
        next: next.map(|token| token.position.to_string()),
        items: tokens
            .iter()
            .filter_map(|token| owned(&service, token).transpose())
            .collect::<Answer<_>>()?,
    };
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(page)))
}

/// `None` while nothing of it is on chain: until then only its platform knows of it.
fn owned(service: &Service, token: &Token) -> Answer<Option<OwnedToken>> {
    if token.batch.as_ref().and_then(Batch::inclusion).is_none() {
        return Ok(None);
    }
    let (Some(id), Some(contract)) = (token.id(), token.stream.kind.collection()) else {
        return Err(Problem::corrupt("a token on chain without id or collection"));
    };
    let chain_id = token.stream.chain_id;
    let public_url = &service.state.config.public_url;
    Ok(Some(OwnedToken {
        chain_id,
        contract,
        id,
        state: token.state().name(),
        metadata_url: format!("{public_url}/v1/tokens/{chain_id}/{contract}/{id}"),
    }))
}
