//! Reading everything once more.

use domain::{Batch, BatchId, Position, Revocation, Signer, SignerId, Token};
use proof::TileId;
use sqlx::PgConnection;
use store::rows::{self, bindable};
use store::{Audit, OutboxEvent, StoreError, StoredCounts, TransactionRecord, guards, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::row::{all, one};
use crate::transaction::{READ, transaction};

#[async_trait::async_trait]
impl Audit for PostgresStore {
    async fn all_batches(
        &self,
        after: Option<BatchId>,
        limit: u32,
    ) -> Result<Vec<Batch>, StoreError> {
        let statement = sqlx::query(sql::ALL_BATCHES)
            .bind(after.map_or(0, |batch| batch.0))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::batch).await?)
    }

    async fn tiles(
        &self,
        batch: BatchId,
        after: Option<TileId>,
        limit: u32,
    ) -> Result<Vec<(TileId, Vec<u8>)>, StoreError> {
        let (level, index) = match after {
            Some(id) => (i64::from(id.level), bindable(id.index, "tile index")?),
            None => (-1, -1),
        };
        let statement = sqlx::query(sql::TILES_AFTER)
            .bind(batch.0)
            .bind(level)
            .bind(index)
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::tile_bytes).await?)
    }

    async fn signers(&self) -> Result<Vec<Signer>, StoreError> {
        Ok(all(sqlx::query(sql::SIGNERS), &self.pool, rows::signer).await?)
    }

    async fn transactions(
        &self,
        signer: SignerId,
        from_nonce: u64,
        limit: u32,
    ) -> Result<Vec<TransactionRecord>, StoreError> {
        let page = guards::page_size(limit)?;
        let first = bindable(from_nonce, "nonce")?;
        transaction!(self, READ, |tx| transactions(tx, signer, first, page))
    }

    async fn erased(&self, from: Position, end: Position) -> Result<Vec<Position>, StoreError> {
        let statement = sqlx::query(sql::ERASED).bind(from.as_i64()).bind(end.as_i64());
        Ok(all(statement, &self.pool, rows::position).await?)
    }

    async fn revocations(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<(Position, Revocation)>, StoreError> {
        let statement = sqlx::query(sql::REVOCATIONS)
            .bind(from.as_i64())
            .bind(end.as_i64())
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::placed_revocation).await?)
    }

    async fn tokens_between(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError> {
        let statement = sqlx::query(sql::TOKENS_BETWEEN)
            .bind(from.as_i64())
            .bind(end.as_i64())
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::token).await?)
    }

    async fn events(&self, after: i64, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
        let statement = sqlx::query(sql::EVENTS).bind(after).bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::outbox_event).await?)
    }

    async fn badges_with_two_tokens(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError> {
        let statement = sqlx::query(sql::TWO_TOKENS)
            .bind(after.map_or(-1, Position::as_i64))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::position).await?)
    }

    async fn uncovered(&self) -> Result<u64, StoreError> {
        let read = |row: &_| rows::count(row, "uncovered");
        Ok(one(sqlx::query(sql::UNCOVERED), &self.pool, read).await?)
    }

    async fn counts(&self) -> Result<StoredCounts, StoreError> {
        Ok(one(sqlx::query(sql::COUNTS), &self.pool, rows::counts).await?)
    }
}

async fn transactions(
    tx: &mut PgConnection,
    signer: SignerId,
    first: i64,
    page: i64,
) -> Result<Vec<TransactionRecord>, Failure> {
    let records = sqlx::query(sql::TRANSACTIONS).bind(signer.0).bind(first).bind(page);
    let records = all(records, &mut *tx, rows::transaction_record).await?;
    let Some(last) = records.last() else { return Ok(records) };
    let last = bindable(last.nonce, "nonce")?;
    let attempts = sqlx::query(sql::ATTEMPTS_BETWEEN).bind(signer.0).bind(first).bind(last);
    let attempts = all(attempts, tx, rows::attempt).await?;
    Ok(rows::assemble_records(records, attempts))
}
