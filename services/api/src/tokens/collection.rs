//! `GET /v1/tokens/{chainId}/{contract}/contract`: what `contractURI` leads to.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::Collection;
use proof::Address;
use store::Store;
use token_metadata::{CollectionDocument, CollectionFacts};

use crate::conditional::{self, REVALIDATE};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::schemas::CollectionMetadataSchema;
use crate::service::Shared;

/// The metadata of a collection (ERC-7572).
#[utoipa::path(
    get, path = "/v1/tokens/{chainId}/{contract}/contract", operation_id = "getCollectionMetadata", tag = "tokens",
    params(
        ("chainId" = u64, Path, description = "EIP-155"),
        ("contract" = String, Path, description = "The collection")),
    responses(
        (status = 200, body = CollectionMetadataSchema, headers(("ETag" = String))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn collection(
    State(service): State<Shared>,
    Named((chain_id, contract)): Named<(u64, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let contract: Address = contract.parse().map_err(|_| Problem::not_found())?;
    let found = service.collections.at(&service, chain_id, contract).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let public_url = &service.state.config.public_url;
    let body = collection_document(service.store(), &found, public_url).await?.to_json();
    Ok(conditional::answer(&headers, "application/json", REVALIDATE, body))
}

/// The metadata of a stored collection.
///
/// # Errors
/// Of the store.
pub async fn collection_document(
    store: &dyn Store,
    collection: &Collection,
    public_url: &str,
) -> Result<CollectionDocument, store::StoreError> {
    let issuer = match collection.issuer {
        Some(id) => store.issuers(None).await?.into_iter().find(|issuer| issuer.id == id),
        None => None,
    };
    Ok(CollectionDocument::of(&CollectionFacts {
        issuer: issuer.as_ref().map(|issuer| issuer.identifier.as_str()),
        volume: collection.volume,
        service: public_url,
    }))
}
