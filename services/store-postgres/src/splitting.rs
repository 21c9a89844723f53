//! Mint batches that need more gas than a transaction may have.

use domain::{BatchId, Position};
use proof::Timestamp;
use sqlx::PgConnection;
use store::{guards, rows, sql};

use crate::administration::note;
use crate::failure::Failure;
use crate::intake::lock_open_range;
use crate::row::{change, one};
use crate::sealing::{lock_batch, times};
use crate::sql as dialect;
use crate::transaction::order_ids;

/// Gives the range of a sealed or blocked batch to two cut ones.
pub(crate) async fn split(
    tx: &mut PgConnection,
    id: BatchId,
    at: Position,
    now: Timestamp,
) -> Result<(), Failure> {
    let unlocked = sqlx::query(sql::BATCH_BY_ID).bind(id.0);
    let stream = one(unlocked, &mut *tx, rows::batch).await?.stream;
    // as for a cut: nobody withdraws, revokes or erases a token of the range meanwhile
    lock_open_range(tx, stream).await?;
    let (batch, stream) = lock_batch(tx, id).await?;
    let ranges = guards::split(&batch, &stream, at)?;
    for statement in
        [sql::WITHDRAW_DOOMED, sql::DELETE_REVOCATIONS_BETWEEN, sql::CLEAR_LEAF_INDEXES]
    {
        let (first, end) = (batch.first.as_i64(), batch.end.as_i64());
        change(sqlx::query(statement).bind(first).bind(end), &mut *tx).await?;
    }
    change(sqlx::query(sql::DELETE_TILES).bind(id.0), &mut *tx).await?;
    let aside = change(sqlx::query(sql::SPLIT_BATCH).bind(id.0), &mut *tx).await?;
    guards::affected(aside, 1, "split batch")?;
    order_ids(tx, dialect::BATCH_IDS).await?;
    for (first, end) in ranges {
        let (since, _) = times(tx, true, first, end).await?;
        let deadline = since.map_or(batch.deadline_at, |at| at.plus_millis(stream.promise_ms));
        let insert = sqlx::query(sql::INSERT_CUT)
            .bind(stream.id.0)
            .bind(first.as_i64())
            .bind(end.as_i64())
            .bind(now.millis())
            .bind(deadline.millis());
        one(insert, &mut *tx, |row| rows::count::<i64>(row, "id")).await?;
    }
    note(tx, now, "worker", "batch.split", &format!("batch {id}")).await
}
