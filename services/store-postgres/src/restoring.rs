//! Nonces and positions that were used elsewhere, badges that were erased before.

use std::ops::Range;

use domain::{AccountId, Position, SignerId, StreamId};
use proof::Timestamp;
use sqlx::PgConnection;
use store::rows::{self, bindable};
use store::{Erasure, OpenRequests, Restoring, StoreError, guards, skipping, sql};

use crate::PostgresStore;
use crate::administration::{ADMINISTRATOR, note};
use crate::failure::Failure;
use crate::intake::{erase, lock_open_range};
use crate::row::{all, change, one};
use crate::sealing::cut_range;
use crate::signing::next_nonce;
use crate::transaction::{WRITE, transaction};

#[async_trait::async_trait]
impl Restoring for PostgresStore {
    async fn adopt_nonces(
        &self,
        signer: SignerId,
        end: u64,
        now: Timestamp,
    ) -> Result<Option<Range<u64>>, StoreError> {
        transaction!(self, WRITE, |tx| adopt_nonces(tx, signer, end, now))
    }

    async fn nonce_gaps(&self, signer: SignerId) -> Result<Vec<Range<u64>>, StoreError> {
        let statement = sqlx::query(sql::NONCE_GAPS).bind(signer.0);
        Ok(all(statement, &self.pool, rows::nonce_gap).await?)
    }

    async fn skip_positions(
        &self,
        stream: StreamId,
        requests: OpenRequests,
        now: Timestamp,
    ) -> Result<Range<Position>, StoreError> {
        transaction!(self, WRITE, |tx| skip_positions(tx, stream, requests, now))
    }

    async fn present(&self, positions: &[Position]) -> Result<Vec<Position>, StoreError> {
        guards::accept_size(positions.len())?;
        let wanted: Vec<i64> = positions.iter().map(|position| position.as_i64()).collect();
        let statement = sqlx::query("SELECT pos FROM badge WHERE pos = ANY($1)").bind(wanted);
        Ok(all(statement, &self.pool, rows::position).await?)
    }

    async fn erase_again(
        &self,
        position: Position,
        erased_at: Timestamp,
    ) -> Result<Erasure, StoreError> {
        transaction!(self, WRITE, |tx| erase_again(tx, position, erased_at))
    }
}

async fn adopt_nonces(
    tx: &mut PgConnection,
    signer: SignerId,
    end: u64,
    now: Timestamp,
) -> Result<Option<Range<u64>>, Failure> {
    let next = next_nonce(&mut *tx, signer).await?;
    if end <= next {
        return Ok(None);
    }
    let insert = sqlx::query(sql::INSERT_NONCE_GAP)
        .bind(signer.0)
        .bind(bindable(next, "nonce")?)
        .bind(bindable(end, "nonce")?)
        .bind(now.millis());
    change(insert, &mut *tx).await?;
    let subject = format!("signer {signer}, nonces {next} to {}", end - 1);
    note(tx, now, ADMINISTRATOR, "nonces.adopt", &subject).await?;
    Ok(Some(next..end))
}

async fn skip_positions(
    tx: &mut PgConnection,
    stream: StreamId,
    requests: OpenRequests,
    now: Timestamp,
) -> Result<Range<Position>, Failure> {
    let mut open = lock_open_range(tx, stream).await?;
    let end = skipping::skipped_end(open.next)?;
    if requests == OpenRequests::Withdraw {
        let range =
            |statement| sqlx::query(statement).bind(open.from.as_i64()).bind(open.next.as_i64());
        change(range(sql::WITHDRAW_OPEN_REQUESTS), &mut *tx).await?;
        change(range(sql::DELETE_REVOCATIONS_BETWEEN), &mut *tx).await?;
    }
    for (from, end) in skipping::ranges_before_skip(&open) {
        open = cut_range(tx, stream, &open, from, end, now).await?.1;
    }
    let insert = sqlx::query(sql::INSERT_SKIPPED)
        .bind(stream.0)
        .bind(open.next.as_i64())
        .bind(end.as_i64())
        .bind(now.millis());
    change(insert, &mut *tx).await?;
    let skip = sqlx::query(sql::SKIP_STREAM).bind(stream.0).bind(end.as_i64());
    guards::affected(change(skip, &mut *tx).await?, 1, "stream")?;
    let subject = format!("stream {stream}, positions from {}", open.next);
    note(tx, now, ADMINISTRATOR, "positions.skip", &subject).await?;
    Ok(open.next..end)
}

async fn erase_again(
    tx: &mut PgConnection,
    position: Position,
    erased_at: Timestamp,
) -> Result<Erasure, Failure> {
    let statement = sqlx::query(sql::ACCOUNT_OF_BADGE).bind(position.as_i64());
    let read = |row: &_| Ok(AccountId(rows::count(row, "account_id")?));
    let account = one(statement, &mut *tx, read).await?;
    erase(tx, account, ADMINISTRATOR, position, erased_at).await
}
