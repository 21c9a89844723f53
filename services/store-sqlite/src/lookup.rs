//! Reading: badges, batches, tiles.

use domain::{AccountId, BadgeRecord, Batch, BatchId, IdTag, IssuerId, Position, PromiseStatus};
use proof::{Hash, Rule, Tile, TileId, Timestamp};
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
