//! Reading everything once more.

use domain::{Batch, BatchId, Position, Revocation, Signer, SignerId, Token};
use proof::TileId;
use store::rows::bindable;
use store::{Audit, OutboxEvent, StoreError, StoredCounts, TransactionRecord, guards, rows, sql};

use crate::SqliteStore;
use crate::rows::{all, one};

#[async_trait::async_trait]
impl Audit for SqliteStore {
    async fn all_batches(
        &self,
        after: Option<BatchId>,
        limit: u32,
    ) -> Result<Vec<Batch>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let after = after.map_or(0, |batch| batch.0);
        all(&mut reader, sqlx::query(sql::ALL_BATCHES).bind(after).bind(page), rows::batch).await
    }

    async fn tiles(
        &self,
        batch: BatchId,
        after: Option<TileId>,
        limit: u32,
    ) -> Result<Vec<(TileId, Vec<u8>)>, StoreError> {
        let page = guards::page_size(limit)?;
        let (level, index) = match after {
            Some(id) => (i64::from(id.level), bindable(id.index, "tile index")?),
            None => (-1, -1),
        };
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TILES_AFTER).bind(batch.0).bind(level).bind(index).bind(page);
        all(&mut reader, query, rows::tile_bytes).await
    }

    async fn signers(&self) -> Result<Vec<Signer>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::SIGNERS), rows::signer).await
    }

    async fn transactions(
        &self,
        signer: SignerId,
        from_nonce: u64,
        limit: u32,
    ) -> Result<Vec<TransactionRecord>, StoreError> {
        let page = guards::page_size(limit)?;
        let first = bindable(from_nonce, "nonce")?;
        let mut view = self.files.snapshot().await?;
        let records = sqlx::query(sql::TRANSACTIONS).bind(signer.0).bind(first).bind(page);
        let records = all(&mut view, records, rows::transaction_record).await?;
        let Some(last) = records.last() else { return Ok(records) };
        let last = bindable(last.nonce, "nonce")?;
        let attempts = sqlx::query(sql::ATTEMPTS_BETWEEN).bind(signer.0).bind(first).bind(last);
        let attempts = all(&mut view, attempts, rows::attempt).await?;
        Ok(rows::assemble_records(records, attempts))
    }

    async fn erased(&self, from: Position, end: Position) -> Result<Vec<Position>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::ERASED).bind(from.as_i64()).bind(end.as_i64());
        all(&mut reader, query, rows::position).await
    }

    async fn tokens_between(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::TOKENS_BETWEEN);
        let query = query.bind(from.as_i64()).bind(end.as_i64()).bind(page);
        all(&mut reader, query, rows::token).await
    }

    async fn revocations(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<(Position, Revocation)>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::REVOCATIONS);
        let query = query.bind(from.as_i64()).bind(end.as_i64()).bind(page);
        all(&mut reader, query, rows::placed_revocation).await
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::EVENTS).bind(after).bind(page), rows::outbox_event).await
    }

    async fn badges_with_two_tokens(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let after = after.map_or(-1, Position::as_i64);
        all(&mut reader, sqlx::query(sql::TWO_TOKENS).bind(after).bind(page), rows::position).await
    }

    async fn uncovered(&self) -> Result<u64, StoreError> {
        let mut reader = self.files.reader().await?;
        let read = |row: &_| rows::count(row, "uncovered");
        one(&mut reader, sqlx::query(sql::UNCOVERED), read).await
    }

    async fn counts(&self) -> Result<StoredCounts, StoreError> {
        let mut reader = self.files.reader().await?;
        one(&mut reader, sqlx::query(sql::COUNTS), rows::counts).await
    }
}
