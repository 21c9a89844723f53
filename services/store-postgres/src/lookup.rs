//! Reading: badges, batches, tiles.

use domain::{
    AccountId, BadgeRecord, Batch, BatchId, IdTag, Position, PromiseStatus, PublicMetadata, Token,
};
use proof::{Address, Hash, Rule, Tile, TileId, Timestamp, TokenId};
use sqlx::{PgExecutor, QueryBuilder};
use store::rows::{self, Row as _};
use store::{BadgeFilter, Lookup, StoreError, guards, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::row::{all, first, one};

/// Most badges of one digest and rule.
const MAX_SAME_DIGEST: i64 = 100;
/// Most badges of one id.
const MAX_SAME_ID: i64 = 100;

/// The token of this id in a collection.
pub(crate) async fn token_by_id(
    executor: impl PgExecutor<'_>,
    chain_id: u64,
    contract: Address,
    id: TokenId,
) -> Result<Option<Token>, Failure> {
    let (lowest, highest) = rows::commitments_of(id);
    let statement = sqlx::query(sql::TOKEN_BY_ID)
        .bind(rows::bindable(chain_id, "chain id")?)
        .bind(contract.0)
        .bind(lowest.0)
        .bind(highest.0)
        .bind(i64::from(id.index()));
    first(statement, executor, rows::token).await
}

#[async_trait::async_trait]
impl Lookup for PostgresStore {
    async fn badge(&self, position: Position) -> Result<Option<BadgeRecord>, StoreError> {
        let statement = sqlx::query(sql::BADGE_BY_POSITION).bind(position.as_i64());
        Ok(first(statement, &self.pool, rows::badge).await?)
    }

    async fn badges_by_digest(
        &self,
        rule: Rule,
        digest: Hash,
    ) -> Result<Vec<BadgeRecord>, StoreError> {
        let statement = sqlx::query(sql::BADGES_BY_DIGEST)
            .bind(digest.0)
            .bind(i16::from(rule.code()))
            .bind(MAX_SAME_DIGEST);
        Ok(all(statement, &self.pool, rows::badge).await?)
    }

    async fn metadata(&self, badge: Position) -> Result<Option<PublicMetadata>, StoreError> {
        let statement = sqlx::query(sql::METADATA).bind(badge.as_i64());
        Ok(first(statement, &self.pool, rows::metadata).await?)
    }

    async fn tokens(&self, badge: Position) -> Result<Vec<Token>, StoreError> {
        let statement = sqlx::query(sql::TOKENS_OF_BADGE).bind(badge.as_i64());
        Ok(all(statement, &self.pool, rows::token).await?)
    }

    async fn token(
        &self,
        chain_id: u64,
        contract: Address,
        id: TokenId,
    ) -> Result<Option<Token>, StoreError> {
        Ok(token_by_id(&self.pool, chain_id, contract, id).await?)
    }

    async fn tokens_of_owner(
        &self,
        owner: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let statement = sqlx::query(sql::TOKENS_OF_OWNER)
            .bind(owner.0)
            .bind(after.map_or(-1, Position::as_i64))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::token).await?)
    }

    async fn tokens_of_collection(
        &self,
        chain_id: u64,
        contract: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let page = guards::page_size(limit)?;
        let statement = sqlx::query(sql::COLLECTION_BY_CONTRACT)
            .bind(rows::bindable(chain_id, "chain id")?)
            .bind(contract.0);
        // a collection's stream never changes
        let Some(collection) = first(statement, &self.pool, rows::collection).await? else {
            return Ok(Vec::new());
        };
        let (after, end) = rows::positions_of(collection.stream.id, after);
        let statement = sqlx::query(sql::SEALED_TOKENS_BETWEEN).bind(after).bind(end).bind(page);
        Ok(all(statement, &self.pool, rows::token).await?)
    }

    async fn badges_by_id_tag(&self, tag: IdTag) -> Result<Vec<BadgeRecord>, StoreError> {
        let statement = sqlx::query(sql::BADGES_BY_ID_TAG).bind(tag.0).bind(MAX_SAME_ID);
        Ok(all(statement, &self.pool, rows::badge).await?)
    }

    async fn badges(
        &self,
        account: AccountId,
        filter: &BadgeFilter,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<BadgeRecord>, StoreError> {
        let limit = guards::page_size(limit)?;
        let mut list = QueryBuilder::new(sql::SELECT_BADGE);
        // one issuer at a time, so that each page is a walk along an index and never a sort of all
        list.push("WHERE b.pos IN (SELECT p.pos FROM issuer n CROSS JOIN LATERAL (\n");
        list.push(sql::SELECT_POSITIONS).push("WHERE b.issuer_id = n.id");
        if let Some(after) = after {
            list.push(" AND b.pos > ").push_bind(after.as_i64());
        }
        if let Some(external_id) = &filter.external_id {
            list.push(" AND b.external_id = ").push_bind(external_id.as_str());
        }
        if let Some(received_after) = filter.received_after {
            list.push(" AND b.accepted_at >= ").push_bind(received_after.millis());
        }
        if let Some(state) = filter.state {
            list.push(" AND ").push(sql::in_state(state));
        }
        list.push(" ORDER BY b.pos LIMIT ").push_bind(limit);
        list.push(") p WHERE n.account_id = ").push_bind(account.0);
        if !filter.issuers.is_empty() {
            let issuers: Vec<i32> = filter.issuers.iter().map(|issuer| issuer.0).collect();
            list.push(" AND n.id = ANY(").push_bind(issuers).push(")");
        }
        list.push(" ORDER BY p.pos LIMIT ").push_bind(limit).push(") ORDER BY b.pos");
        Ok(all(list.build(), &self.pool, rows::badge).await?)
    }

    async fn batches(&self, after: Option<BatchId>, limit: u32) -> Result<Vec<Batch>, StoreError> {
        let statement = sqlx::query(sql::SEALED_BATCHES)
            .bind(after.map_or(0, |batch| batch.0))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::batch).await?)
    }

    async fn batch_by_commitment(&self, commitment: Hash) -> Result<Option<Batch>, StoreError> {
        let statement = sqlx::query(sql::BATCH_BY_COMMITMENT).bind(commitment.0);
        Ok(first(statement, &self.pool, rows::batch).await?)
    }

    async fn tile(&self, batch: BatchId, tile: TileId) -> Result<Option<Tile>, StoreError> {
        let statement = sqlx::query(sql::TILE)
            .bind(batch.0)
            .bind(i16::from(tile.level))
            .bind(rows::bindable(tile.index, "a tile's index")?);
        let bytes = first(statement, &self.pool, |row| row.bytes("hashes")).await?;
        let Some(bytes) = bytes else { return Ok(None) };
        let tile = Tile::from_bytes(tile, &bytes.unwrap_or_default());
        tile.map(Some).map_err(|error| StoreError::Corrupt(format!("batch {batch}: {error}")))
    }

    async fn promise_status(&self, now: Timestamp) -> Result<PromiseStatus, StoreError> {
        let statement = sqlx::query(sql::PROMISE_STATUS).bind(now.millis());
        Ok(one(statement, &self.pool, rows::promise_status).await?)
    }
}
