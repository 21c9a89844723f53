//! Cut, build, seal.

use domain::{Batch, BatchId, BatchState, Position, Seal, StreamId, StreamView};
use proof::{Tile, Timestamp};
use sqlx::sqlite::SqliteConnection;
use store::rows::bindable;
use store::{RangeEntry, Sealing, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::error::stored;
use crate::rows::{all, maybe, one, run};

/// Earliest acceptance and earliest start of a window in a range.
async fn times(
    connection: &mut SqliteConnection,
    from: Position,
    end: Position,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let query = sqlx::query(sql::RANGE_TIMES).bind(from.as_i64()).bind(end.as_i64());
    one(connection, query, |row| {
        Ok((rows::maybe_time(row, "since")?, rows::maybe_time(row, "window_start")?))
    })
    .await
}

#[async_trait::async_trait]
impl Sealing for SqliteStore {
    async fn streams(&self) -> Result<Vec<StreamView>, StoreError> {
        let mut view = self.files.snapshot().await?;
        let cut = all(&mut view, sqlx::query(sql::CUT_BATCHES), rows::batch).await?;
        all(&mut view, sqlx::query(sql::STREAMS), |row| rows::stream_view(row, &cut)).await
    }

    async fn cut(
        &self,
        stream: StreamId,
        from: Position,
        end: Position,
        now: Timestamp,
    ) -> Result<Option<Batch>, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let open = sqlx::query(sql::OPEN_RANGE).bind(stream.0);
        let open = one(&mut tx, open, rows::open_range).await?;
        if !guards::cut(&open, from, end)? {
            let earlier = sqlx::query(sql::BATCH_AT).bind(stream.0).bind(from.as_i64());
            let earlier = maybe(&mut tx, earlier, |row| rows::count::<i64>(row, "id")).await?;
            return match earlier {
                Some(_) => Ok(None),
                None => Err(StoreError::Conflict(format!("no range begins at {from}"))),
            };
        }
        let (_, window_start) = times(&mut tx, from, end).await?;
        let deadline_at = guards::cut_deadline(&open, window_start, now);
        let (since, window_start) = times(&mut tx, end, open.next).await?;
        let rest = guards::after_cut(&open, end, since, window_start);
        let insert = sqlx::query(sql::INSERT_CUT)
            .bind(stream.0)
            .bind(from.as_i64())
            .bind(end.as_i64())
            .bind(now.millis())
            .bind(deadline_at.millis());
        let id = BatchId(one(&mut tx, insert, |row| rows::count(row, "id")).await?);
        let update = sqlx::query(sql::CUT_STREAM)
            .bind(stream.0)
            .bind(rest.from.as_i64())
            .bind(rest.since.map(Timestamp::millis))
            .bind(rest.deadline_at.map(Timestamp::millis));
        guards::affected(run(&mut tx, update).await?, 1, "stream")?;
        tx.commit().await.map_err(stored)?;
        let state = BatchState::Cut;
        Ok(Some(Batch { id, stream, first: from, end, cut_at: now, deadline_at, state }))
    }

    async fn entries(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<RangeEntry>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::ENTRIES).bind(from.as_i64()).bind(end.as_i64()).bind(page);
        all(&mut reader, query, rows::range_entry).await
    }

    async fn put_tiles(&self, batch: BatchId, tiles: &[Tile]) -> Result<(), StoreError> {
        guards::tile_count(tiles.len())?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let stored_batch = sqlx::query(sql::BATCH_BY_ID).bind(batch.0);
        if one(&mut tx, stored_batch, rows::batch).await?.seal().is_some() {
            // another worker was faster; tiles are a function of the range, so they are all there
            return Ok(());
        }
        for tile in tiles {
            let query = sqlx::query(sql::INSERT_TILE)
                .bind(batch.0)
                .bind(tile.id.level)
                .bind(bindable(tile.id.index, "tile index")?)
                .bind(tile.to_bytes());
            run(&mut tx, query).await?;
        }
        tx.commit().await.map_err(stored)
    }

    async fn seal(&self, batch: BatchId, seal: Seal) -> Result<Batch, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let batch = one(&mut tx, sqlx::query(sql::BATCH_BY_ID).bind(batch.0), rows::batch).await?;
        if !guards::seal(&batch, &seal)? {
            return Ok(batch);
        }
        let update = sqlx::query(sql::SEAL)
            .bind(batch.id.0)
            .bind(bindable(seal.size, "batch size")?)
            .bind(seal.root.0.to_vec())
            .bind(seal.blockcerts_root.0.to_vec())
            .bind(seal.commitment.0.to_vec());
        guards::affected(run(&mut tx, update).await?, 1, "sealed batch")?;
        tx.commit().await.map_err(stored)?;
        Ok(batch.sealed(seal)?)
    }
}
