//! Nonces and positions that were used elsewhere, badges that were erased before.

use std::ops::Range;
use std::sync::Arc;

use domain::{AccountId, Position, SignerId, StreamId};
use proof::Timestamp;
use store::rows::bindable;
use store::{Erasure, OpenRequests, Restoring, StoreError, guards, rows, skipping, sql};

use crate::SqliteStore;
use crate::administration::{ADMINISTRATOR, note};
use crate::error::stored;
use crate::intake::{Eraser, erase, open_range};
use crate::rows::{all, one, run};
use crate::sealing::cut_range;
use crate::signing::next_nonce;

#[async_trait::async_trait]
impl Restoring for SqliteStore {
    async fn adopt_nonces(
        &self,
        signer: SignerId,
        end: u64,
        now: Timestamp,
    ) -> Result<Option<Range<u64>>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let next = next_nonce(&mut tx, signer).await?;
        if end <= next {
            return Ok(None);
        }
        let insert = sqlx::query(sql::INSERT_NONCE_GAP)
            .bind(signer.0)
            .bind(bindable(next, "nonce")?)
            .bind(bindable(end, "nonce")?)
            .bind(now.millis());
        run(&mut tx, insert).await?;
        let subject = format!("signer {signer}, nonces {next} to {}", end - 1);
        note(&mut tx, now, ADMINISTRATOR, "nonces.adopt", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Some(next..end))
    }

    async fn nonce_gaps(&self, signer: SignerId) -> Result<Vec<Range<u64>>, StoreError> {
        let mut reader = self.files.reader().await?;
        all(&mut reader, sqlx::query(sql::NONCE_GAPS).bind(signer.0), rows::nonce_gap).await
    }

    async fn skip_positions(
        &self,
        stream: StreamId,
        requests: OpenRequests,
        now: Timestamp,
    ) -> Result<Range<Position>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let mut open = open_range(&mut tx, stream).await?;
        let end = skipping::skipped_end(open.next)?;
        if requests == OpenRequests::Withdraw {
            let range = |statement| {
                sqlx::query(statement).bind(open.from.as_i64()).bind(open.next.as_i64())
            };
            run(&mut tx, range(sql::WITHDRAW_OPEN_REQUESTS)).await?;
            run(&mut tx, range(sql::DELETE_REVOCATIONS_BETWEEN)).await?;
        }
        for (from, end) in skipping::ranges_before_skip(&open) {
            open = cut_range(&mut tx, stream, &open, from, end, now).await?.1;
        }
        let insert = sqlx::query(sql::INSERT_SKIPPED)
            .bind(stream.0)
            .bind(open.next.as_i64())
            .bind(end.as_i64())
            .bind(now.millis());
        run(&mut tx, insert).await?;
        let skip = sqlx::query(sql::SKIP_STREAM).bind(stream.0).bind(end.as_i64());
        guards::affected(run(&mut tx, skip).await?, 1, "stream")?;
        let subject = format!("stream {stream}, positions from {}", open.next);
        note(&mut tx, now, ADMINISTRATOR, "positions.skip", &subject).await?;
        tx.commit().await.map_err(stored)?;
        Ok(open.next..end)
    }

    async fn present(&self, positions: &[Position]) -> Result<Vec<Position>, StoreError> {
        guards::accept_size(positions.len())?;
        let wanted: Vec<i64> = positions.iter().map(|position| position.as_i64()).collect();
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(
            "SELECT b.pos FROM json_each($1) AS wanted CROSS JOIN badge b ON b.pos = wanted.value",
        )
        .bind(rows::to_json(&wanted)?);
        all(&mut reader, query, rows::position).await
    }

    async fn erase_again(
        &self,
        position: Position,
        erased_at: Timestamp,
    ) -> Result<Erasure, StoreError> {
        let query = sqlx::query(sql::ACCOUNT_OF_BADGE).bind(position.as_i64());
        let account = one(&mut *self.files.reader().await?, query, |row| {
            Ok(AccountId(rows::count(row, "account_id")?))
        })
        .await?;
        let by = Eraser { account, actor: ADMINISTRATOR.to_owned() };
        let work = tokio::spawn(erase(Arc::clone(&self.files), by, position, erased_at));
        work.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
