//! Cut, build, seal.

use domain::{Batch, BatchId, BatchState, Position, Seal, Stream, StreamId, StreamView};
use proof::{Address, Tile, Timestamp};
use sqlx::sqlite::SqliteConnection;
use store::rows::{OpenRange, bindable};
use store::{MintEntry, RangeEntry, Sealing, StoreError, guards, rows, sql};

use crate::SqliteStore;
use crate::error::stored;
use crate::rows::{all, maybe, one, run};

/// Earliest acceptance and earliest start of a window in a range of badges, or of mint requests.
pub(crate) async fn times(
    connection: &mut SqliteConnection,
    mints: bool,
    from: Position,
    end: Position,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let statement = if mints { sql::MINT_RANGE_TIMES } else { sql::RANGE_TIMES };
    let query = sqlx::query(statement).bind(from.as_i64()).bind(end.as_i64());
    one(connection, query, |row| {
        Ok((rows::maybe_time(row, "since")?, rows::maybe_time(row, "window_start")?))
    })
    .await
}

/// Cuts the first positions of what is open; the batch, and what remains open.
pub(crate) async fn cut_range(
    connection: &mut SqliteConnection,
    stream: StreamId,
    open: &OpenRange,
    first: Position,
    end: Position,
    now: Timestamp,
) -> Result<(Batch, OpenRange), StoreError> {
    let (_, window_start) = times(connection, open.mints, first, end).await?;
    let deadline_at = guards::cut_deadline(open, window_start, now);
    let (since, window_start) = times(connection, open.mints, end, open.next).await?;
    let rest = guards::after_cut(open, end, since, window_start);
    let insert = sqlx::query(sql::INSERT_CUT)
        .bind(stream.0)
        .bind(first.as_i64())
        .bind(end.as_i64())
        .bind(now.millis())
        .bind(deadline_at.millis());
    let id = BatchId(one(connection, insert, |row| rows::count(row, "id")).await?);
    let update = sqlx::query(sql::CUT_STREAM)
        .bind(stream.0)
        .bind(rest.from.as_i64())
        .bind(rest.since.map(Timestamp::millis))
        .bind(rest.deadline_at.map(Timestamp::millis));
    guards::affected(run(connection, update).await?, 1, "stream")?;
    let state = BatchState::Cut;
    Ok((Batch { id, stream, first, end, cut_at: now, deadline_at, state }, rest))
}

/// The batch with its stream.
pub(crate) async fn batch(
    connection: &mut SqliteConnection,
    id: BatchId,
) -> Result<(Batch, Stream), StoreError> {
    one(connection, sqlx::query(sql::BATCH_BY_ID).bind(id.0), rows::batch_in_stream).await
}

/// The requests of a batch that stand.
async fn standing(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<Vec<(Address, Position)>, StoreError> {
    let query = sqlx::query(sql::STANDING).bind(batch.first.as_i64()).bind(batch.end.as_i64());
    all(connection, query, rows::standing).await
}

async fn write_seal(
    connection: &mut SqliteConnection,
    id: BatchId,
    seal: &Seal,
) -> Result<(), StoreError> {
    let update = sqlx::query(sql::SEAL)
        .bind(id.0)
        .bind(bindable(seal.size, "batch size")?)
        .bind(seal.root.0.to_vec())
        .bind(seal.blockcerts_root.0.to_vec())
        .bind(seal.commitment.0.to_vec())
        .bind(seal.owners_hash.map(|hash| hash.0.to_vec()));
    guards::affected(run(connection, update).await?, 1, "sealed batch")
}

/// Gives each token its leaf index: its place in `order`.
async fn number_leaves(
    connection: &mut SqliteConnection,
    order: &[Position],
) -> Result<(), StoreError> {
    let order: Vec<i64> = order.iter().map(|position| position.as_i64()).collect();
    let query = sqlx::query(
        "UPDATE token SET leaf_index = leaf.key FROM json_each($1) AS leaf
        WHERE token.pos = leaf.value",
    )
    .bind(rows::to_json(&order)?);
    guards::affected(run(connection, query).await?, order.len() as u64, "leaf indexes")
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
        let (batch, _) = cut_range(&mut tx, stream, &open, from, end, now).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Some(batch))
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
        let (stored_batch, _) = self::batch(&mut tx, batch).await?;
        if stored_batch.state != BatchState::Cut {
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

    async fn mint_entries(
        &self,
        from: Position,
        end: Position,
    ) -> Result<Vec<MintEntry>, StoreError> {
        guards::mint_range(from, end)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::MINT_ENTRIES).bind(from.as_i64()).bind(end.as_i64());
        all(&mut reader, query, rows::mint_entry).await
    }

    async fn seal_mint(
        &self,
        id: BatchId,
        seal: Seal,
        order: &[Position],
    ) -> Result<Batch, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let (batch, stream) = batch(&mut tx, id).await?;
        let standing = standing(&mut tx, &batch).await?;
        if !guards::seal_mint(&batch, &stream, &seal, order, standing)? {
            return Ok(batch);
        }
        number_leaves(&mut tx, order).await?;
        write_seal(&mut tx, id, &seal).await?;
        tx.commit().await.map_err(stored)?;
        Ok(batch.sealed(seal)?)
    }

    async fn vacate(&self, id: BatchId) -> Result<(), StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let (batch, stream) = batch(&mut tx, id).await?;
        let standing = standing(&mut tx, &batch).await?.len();
        if guards::vacate(&batch, &stream, standing)? {
            let update = sqlx::query(sql::VACATE_BATCH).bind(id.0);
            guards::affected(run(&mut tx, update).await?, 1, "vacated batch")?;
            tx.commit().await.map_err(stored)?;
        }
        Ok(())
    }

    async fn owners(&self, batch: BatchId) -> Result<Vec<Address>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::OWNERS).bind(batch.0);
        guards::owners(all(&mut reader, query, rows::maybe_owner).await?)
    }

    async fn seal(&self, id: BatchId, seal: Seal) -> Result<Batch, StoreError> {
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let (batch, stream) = batch(&mut tx, id).await?;
        if !guards::seal(&batch, &stream, &seal)? {
            return Ok(batch);
        }
        write_seal(&mut tx, id, &seal).await?;
        tx.commit().await.map_err(stored)?;
        Ok(batch.sealed(seal)?)
    }
}
