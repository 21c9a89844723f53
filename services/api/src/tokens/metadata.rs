//! `GET /v1/tokens/{chainId}/{contract}/{id}`: what `tokenURI` leads to.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{BatchState, MintState, Token};
use proof::{Address, TokenId};
use store::{Store, StoreError};
use token_metadata::{Standing, TokenDocument, TokenFacts, picture};

use crate::conditional::{self, REVALIDATE};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::schemas::TokenMetadataSchema;
use crate::service::Shared;

/// The metadata of a token.
///
/// ERC-721 JSON as wallets and marketplaces read it. A revoked or burned token says so; one whose
/// badge was erased is described in general words.
#[utoipa::path(
    get, path = "/v1/tokens/{chainId}/{contract}/{id}", operation_id = "getTokenMetadata", tag = "tokens",
    params(
        ("chainId" = u64, Path, description = "EIP-155"),
        ("contract" = String, Path, description = "The collection"),
        ("id" = String, Path, description = "Decimal; or `contract`: the collection itself (ERC-7572)")),
    responses(
        (status = 200, body = TokenMetadataSchema, headers(("ETag" = String))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn metadata(
    State(service): State<Shared>,
    Named((chain_id, contract, id)): Named<(u64, String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let contract: Address = contract.parse().map_err(|_| Problem::not_found())?;
    let id: TokenId = id.parse().map_err(|_| Problem::not_found())?;
    let token = service.store().token(chain_id, contract, id).await?;
    let token = token.ok_or_else(Problem::not_found)?;
    let described = token_described(service.store(), &token).await?;
    let body = described.ok_or_else(Problem::not_found)?.document.to_json();
    Ok(conditional::answer(&headers, "application/json", REVALIDATE, body))
}

/// A token as wallets see it.
#[derive(Debug, Clone)]
pub struct TokenDescribed {
    /// Its ERC-721 metadata.
    pub document: TokenDocument,
    /// The generated SVG, also where the document shows the issuer's own image.
    pub picture: String,
}

/// The metadata of a stored token; `None` until its batch is sealed.
///
/// # Errors
/// Of the store.
pub async fn token_described(
    store: &dyn Store,
    token: &Token,
) -> Result<Option<TokenDescribed>, StoreError> {
    let Some(id) = token.id() else { return Ok(None) };
    let badge = match token.badge {
        Some(position) => store.badge(position).await?,
        None => None,
    };
    let metadata = match &badge {
        Some(badge) => store.metadata(badge.position).await?,
        None => None,
    };
    let minted_at = token.batch.as_ref().and_then(|batch| match &batch.state {
        BatchState::Final { inclusion, .. } => Some(inclusion.block_time),
        _ => None,
    });
    let facts = TokenFacts {
        id,
        issuer: badge.as_ref().map(|badge| badge.identifier.as_str()),
        metadata: metadata.as_ref(),
        standing: standing(token),
        minted_at,
    };
    Ok(Some(TokenDescribed { document: TokenDocument::of(&facts), picture: picture(&facts) }))
}

fn standing(token: &Token) -> Standing {
    match (token.state(), token.revocation) {
        (MintState::Burned, _) => Standing::Burned,
        (MintState::Revoked, Some(revocation)) => Standing::Revoked(revocation.reason),
        (MintState::Minted, _) => Standing::Valid,
        _ => Standing::Pending,
    }
}
