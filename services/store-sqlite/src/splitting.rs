//! Mint batches that need more gas than a transaction may have.

use domain::{BatchId, Position};
use proof::Timestamp;
use sqlx::sqlite::SqliteConnection;
use store::{StoreError, guards, rows, sql};

use crate::administration::note;
use crate::rows::{one, run};
use crate::sealing::{batch, times};

/// Gives the range of a sealed or blocked batch to two cut ones.
pub(crate) async fn split(
    connection: &mut SqliteConnection,
    id: BatchId,
    at: Position,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (batch, stream) = batch(connection, id).await?;
    let ranges = guards::split(&batch, &stream, at)?;
    for statement in
        [sql::WITHDRAW_DOOMED, sql::DELETE_REVOCATIONS_BETWEEN, sql::CLEAR_LEAF_INDEXES]
    {
        let (first, end) = (batch.first.as_i64(), batch.end.as_i64());
        run(connection, sqlx::query(statement).bind(first).bind(end)).await?;
    }
    run(connection, sqlx::query(sql::DELETE_TILES).bind(id.0)).await?;
    let aside = sqlx::query(sql::SPLIT_BATCH).bind(id.0);
    guards::affected(run(connection, aside).await?, 1, "split batch")?;
    for (first, end) in ranges {
        let (since, _) = times(connection, true, first, end).await?;
        let deadline = since.map_or(batch.deadline_at, |at| at.plus_millis(stream.promise_ms));
        let insert = sqlx::query(sql::INSERT_CUT)
            .bind(stream.id.0)
            .bind(first.as_i64())
            .bind(end.as_i64())
            .bind(now.millis())
            .bind(deadline.millis());
        one(connection, insert, |row| rows::count::<i64>(row, "id")).await?;
    }
    note(connection, now, "worker", "batch.split", &format!("batch {id}")).await
}
