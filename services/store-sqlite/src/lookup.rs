//! Reading: badges, batches, tiles.

use domain::{
    AccountId, BadgeRecord, Batch, BatchId, IdTag, IssuerId, Position, PromiseStatus,
    PublicMetadata, Token,
};
use proof::{Address, Hash, Rule, Tile, TileId, Timestamp, TokenId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use store::rows::{Row, bindable};
use store::{BadgeFilter, Lookup, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::rows::{all, maybe, one};

/// Most badges of one digest.
const MAX_OF_DIGEST: i64 = 100;
/// Most badges of one id.
const MAX_OF_ID: i64 = 100;

/// The positions of one issuer that pass the filter. One issuer at a time, so that each page is a
/// walk along the index and never a sort.
async fn positions(
    connection: &mut SqliteConnection,
    issuer: IssuerId,
    filter: &BadgeFilter,
    after: i64,
    limit: i64,
) -> Result<Vec<Position>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(sql::SELECT_POSITIONS);
    query.push("WHERE b.issuer_id = ").push_bind(issuer.0);
    query.push(" AND b.pos > ").push_bind(after);
    if let Some(external_id) = &filter.external_id {
        query.push(" AND b.external_id = ").push_bind(external_id.as_str().to_owned());
    }
    if let Some(time) = filter.received_after {
        query.push(" AND b.accepted_at >= ").push_bind(time.millis());
    }
    if let Some(state) = filter.state {
        query.push(" AND ").push(sql::in_state(state));
    }
    query.push(" ORDER BY b.pos LIMIT ").push_bind(limit);
    all(connection, query.build(), rows::position).await
}

/// The token of this id in a collection.
pub(crate) async fn token_by_id(
    connection: &mut SqliteConnection,
    chain_id: u64,
    contract: Address,
    id: TokenId,
) -> Result<Option<Token>, StoreError> {
    let (lowest, highest) = rows::commitments_of(id);
    let query = sqlx::query(sql::TOKEN_BY_ID)
        .bind(bindable(chain_id, "chain id")?)
        .bind(contract.0.to_vec())
        .bind(lowest.0.to_vec())
        .bind(highest.0.to_vec())
        .bind(id.index());
    maybe(connection, query, rows::token).await
}

#[async_trait::async_trait]
impl Lookup for SqliteStore {
    async fn badge(&self, position: Position) -> Result<Option<BadgeRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::BADGE_BY_POSITION).bind(position.as_i64());
        maybe(&mut reader, query, rows::badge).await
    }

    async fn badges_by_digest(
        &self,
        rule: Rule,
        digest: Hash,
    ) -> Result<Vec<BadgeRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::BADGES_BY_DIGEST)
            .bind(digest.0.to_vec())
            .bind(rule.code())
            .bind(MAX_OF_DIGEST);
        all(&mut reader, query, rows::badge).await
    }

    async fn metadata(&self, badge: Position) -> Result<Option<PublicMetadata>, StoreError> {
        let mut reader = self.files.reader().await?;
        maybe(&mut reader, sqlx::query(sql::METADATA).bind(badge.as_i64()), rows::metadata).await
    }

    async fn tokens(&self, badge: Position) -> Result<Vec<Token>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TOKENS_OF_BADGE).bind(badge.as_i64());
        all(&mut reader, query, rows::token).await
    }

    async fn token(
        &self,
        chain_id: u64,
        contract: Address,
        id: TokenId,
    ) -> Result<Option<Token>, StoreError> {
        let mut reader = self.files.reader().await?;
        token_by_id(&mut reader, chain_id, contract, id).await
    }

    async fn tokens_of_owner(
        &self,
        owner: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TOKENS_OF_OWNER)
            .bind(owner.0.to_vec())
            .bind(after.map_or(-1, Position::as_i64))
            .bind(page);
        all(&mut reader, query, rows::token).await
    }

    async fn tokens_of_collection(
        &self,
        chain_id: u64,
        contract: Address,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut view = self.files.snapshot().await?;
        let query = sqlx::query(sql::COLLECTION_BY_CONTRACT)
            .bind(bindable(chain_id, "chain id")?)
            .bind(contract.0.to_vec());
        let Some(collection) = maybe(&mut view, query, rows::collection).await? else {
            return Ok(Vec::new());
        };
        let (after, end) = rows::positions_of(collection.stream.id, after);
        let query = sqlx::query(sql::SEALED_TOKENS_BETWEEN).bind(after).bind(end).bind(page);
        all(&mut view, query, rows::token).await
    }

    async fn badges_by_id_tag(&self, tag: IdTag) -> Result<Vec<BadgeRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::BADGES_BY_ID_TAG).bind(tag.0.to_vec()).bind(MAX_OF_ID);
        all(&mut reader, query, rows::badge).await
    }

    async fn badges(
        &self,
        account: AccountId,
        filter: &BadgeFilter,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<BadgeRecord>, StoreError> {
        let page = guards::page_size(limit)?;
        let after = after.map_or(-1, Position::as_i64);
        let mut view = self.files.snapshot().await?;
        let issuers = sqlx::query(sql::ISSUERS_OF_ACCOUNT).bind(account.0);
        let issuers = all(&mut view, issuers, rows::issuer).await?;
        let mut found = Vec::new();
        for issuer in issuers.iter().map(|issuer| issuer.id) {
            if filter.issuers.is_empty() || filter.issuers.contains(&issuer) {
                found.extend(positions(&mut view, issuer, filter, after, page).await?);
            }
        }
        found.sort_unstable();
        found.truncate(limit as usize);
        let found: Vec<i64> = found.into_iter().map(Position::as_i64).collect();
        let mut query = QueryBuilder::<Sqlite>::new(sql::SELECT_BADGE);
        query.push("WHERE b.pos IN (SELECT value FROM json_each(");
        query.push_bind(rows::to_json(&found)?).push(")) ORDER BY b.pos");
        all(&mut view, query.build(), rows::badge).await
    }

    async fn batches(&self, after: Option<BatchId>, limit: u32) -> Result<Vec<Batch>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let after = after.map_or(0, |batch| batch.0);
        let query = sqlx::query(sql::SEALED_BATCHES).bind(after).bind(page);
        all(&mut reader, query, rows::batch).await
    }

    async fn batch_by_commitment(&self, commitment: Hash) -> Result<Option<Batch>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::BATCH_BY_COMMITMENT).bind(commitment.0.to_vec());
        maybe(&mut reader, query, rows::batch).await
    }

    async fn tile(&self, batch: BatchId, tile: TileId) -> Result<Option<Tile>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TILE)
            .bind(batch.0)
            .bind(tile.level)
            .bind(bindable(tile.index, "tile index")?);
        let read = |row: &crate::rows::Columns| row.bytes("hashes");
        let Some(bytes) = maybe(&mut reader, query, read).await? else { return Ok(None) };
        let tile = Tile::from_bytes(tile, &bytes.unwrap_or_default());
        tile.map(Some).map_err(|error| StoreError::Corrupt(format!("batch {batch}: {error}")))
    }

    async fn promise_status(&self, now: Timestamp) -> Result<PromiseStatus, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::PROMISE_STATUS).bind(now.millis());
        one(&mut reader, query, rows::promise_status).await
    }
}
