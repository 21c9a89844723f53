//! `GET /v1/batches/{commitment}/tiles/{level}/{index}`: the hashes behind a batch.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proof::TileId;

use super::one::by_commitment;
use crate::conditional::{self, IMMUTABLE};
use crate::parameters::Named;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::service::Shared;

/// Up to 256 hashes of a batch's tree.
///
/// 32 bytes each, one after the other, from the left. Level 0 holds the leaves; hash `i` of level
/// `k + 1` is the root of tile `i` of level `k`. Tiles never change.
#[utoipa::path(
    get, path = "/v1/batches/{commitment}/tiles/{level}/{index}", operation_id = "getTile", tag = "batches",
    params(
        ("commitment" = String, Path),
        ("level" = u8, Path),
        ("index" = u64, Path),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn tile(
    State(service): State<Shared>,
    Named((commitment, level, index)): Named<(String, String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let level = level.parse().map_err(|_| Problem::not_found())?;
    // no tree is that large, and no database counts that far
    let index = index.parse().ok().filter(|index| *index < proof::MAX_TREE_SIZE);
    let index = index.ok_or_else(Problem::not_found)?;
    let batch = by_commitment(&service, &commitment).await?;
    let found = service.store().tile(batch.id, TileId { level, index }).await?;
    let tile = found.ok_or_else(Problem::not_found)?;
    Ok(conditional::answer(&headers, "application/octet-stream", IMMUTABLE, tile.to_bytes()))
}
