//! Cut, build, seal.

use domain::{Batch, BatchId, BatchState, Position, Seal, Stream, StreamId, StreamView};
use proof::{Address, Tile, Timestamp};
use sqlx::PgConnection;
use store::rows::{self, OpenRange, bindable};
use store::{MintEntry, RangeEntry, Sealing, StoreError, guards, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::intake::lock_open_range;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{READ, WRITE, order_ids, transaction};

#[async_trait::async_trait]
impl Sealing for PostgresStore {
    async fn streams(&self) -> Result<Vec<StreamView>, StoreError> {
        transaction!(self, READ, |tx| streams(tx))
    }

    async fn cut(
        &self,
        stream: StreamId,
        from: Position,
        end: Position,
        now: Timestamp,
    ) -> Result<Option<Batch>, StoreError> {
        transaction!(self, WRITE, |tx| cut(tx, stream, from, end, now))
    }

    async fn entries(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<RangeEntry>, StoreError> {
        let statement = sqlx::query(sql::ENTRIES)
            .bind(from.as_i64())
            .bind(end.as_i64())
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::range_entry).await?)
    }

    async fn put_tiles(&self, batch: BatchId, tiles: &[Tile]) -> Result<(), StoreError> {
        guards::tile_count(tiles.len())?;
        transaction!(self, WRITE, |tx| put_tiles(tx, batch, tiles))
    }

    async fn mint_entries(
        &self,
        from: Position,
        end: Position,
    ) -> Result<Vec<MintEntry>, StoreError> {
        guards::mint_range(from, end)?;
        let statement = sqlx::query(sql::MINT_ENTRIES).bind(from.as_i64()).bind(end.as_i64());
        Ok(all(statement, &self.pool, rows::mint_entry).await?)
    }

    async fn seal_mint(
        &self,
        batch: BatchId,
        seal: Seal,
        order: &[Position],
    ) -> Result<Batch, StoreError> {
        transaction!(self, WRITE, |tx| seal_mint(tx, batch, seal, order))
    }

    async fn vacate(&self, batch: BatchId) -> Result<(), StoreError> {
        transaction!(self, WRITE, |tx| vacate(tx, batch))
    }

    async fn owners(&self, batch: BatchId) -> Result<Vec<Address>, StoreError> {
        let statement = sqlx::query(sql::OWNERS).bind(batch.0);
        guards::owners(all(statement, &self.pool, rows::maybe_owner).await?)
    }

    async fn seal(&self, batch: BatchId, seal: Seal) -> Result<Batch, StoreError> {
        transaction!(self, WRITE, |tx| seal_batch(tx, batch, seal))
    }
}

async fn streams(tx: &mut PgConnection) -> Result<Vec<StreamView>, Failure> {
    let cut = all(sqlx::query(sql::CUT_BATCHES), &mut *tx, rows::batch).await?;
    all(sqlx::query(sql::STREAMS), tx, |row| rows::stream_view(row, &cut)).await
}

/// Earliest acceptance and earliest start of a window in a range of badges, or of mint requests.
pub(crate) async fn times(
    tx: &mut PgConnection,
    mints: bool,
    from: Position,
    end: Position,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let statement = if mints { sql::MINT_RANGE_TIMES } else { sql::RANGE_TIMES };
    let statement = sqlx::query(statement).bind(from.as_i64()).bind(end.as_i64());
    let read =
        |row: &_| Ok((rows::maybe_time(row, "since")?, rows::maybe_time(row, "window_start")?));
    one(statement, tx, read).await
}

async fn cut(
    tx: &mut PgConnection,
    stream: StreamId,
    from: Position,
    end: Position,
    now: Timestamp,
) -> Result<Option<Batch>, Failure> {
    let open = lock_open_range(tx, stream).await?;
    if !guards::cut(&open, from, end)? {
        let earlier = sqlx::query(sql::BATCH_AT).bind(stream.0).bind(from.as_i64());
        let earlier = first(earlier, tx, |row| rows::count::<i64>(row, "id")).await?;
        return match earlier {
            Some(_) => Ok(None),
            None => Err(StoreError::Conflict(format!("no range begins at {from}")))?,
        };
    }
    let (batch, _) = cut_range(tx, stream, &open, from, end, now).await?;
    Ok(Some(batch))
}

/// Cuts the first positions of what is open, of a locked stream; the batch, and what remains open.
pub(crate) async fn cut_range(
    tx: &mut PgConnection,
    stream: StreamId,
    open: &OpenRange,
    first: Position,
    end: Position,
    now: Timestamp,
) -> Result<(Batch, OpenRange), Failure> {
    let (_, window_start) = times(tx, open.mints, first, end).await?;
    let deadline_at = guards::cut_deadline(open, window_start, now);
    let (since, window_start) = times(tx, open.mints, end, open.next).await?;
    let rest = guards::after_cut(open, end, since, window_start);
    order_ids(tx, dialect::BATCH_IDS).await?;
    let insert = sqlx::query(sql::INSERT_CUT)
        .bind(stream.0)
        .bind(first.as_i64())
        .bind(end.as_i64())
        .bind(now.millis())
        .bind(deadline_at.millis());
    let id = BatchId(one(insert, &mut *tx, |row| rows::count(row, "id")).await?);
    let shrink = sqlx::query(sql::CUT_STREAM)
        .bind(stream.0)
        .bind(rest.from.as_i64())
        .bind(rest.since.map(Timestamp::millis))
        .bind(rest.deadline_at.map(Timestamp::millis));
    guards::affected(change(shrink, tx).await?, 1, "stream")?;
    let state = BatchState::Cut;
    Ok((Batch { id, stream, first, end, cut_at: now, deadline_at, state }, rest))
}

/// Locks the batch's row, then reads it with its stream.
pub(crate) async fn lock_batch(
    tx: &mut PgConnection,
    id: BatchId,
) -> Result<(Batch, Stream), Failure> {
    change(sqlx::query(dialect::LOCK_BATCH).bind(id.0), &mut *tx).await?;
    one(sqlx::query(sql::BATCH_BY_ID).bind(id.0), tx, rows::batch_in_stream).await
}

async fn put_tiles(tx: &mut PgConnection, id: BatchId, tiles: &[Tile]) -> Result<(), Failure> {
    if lock_batch(tx, id).await?.0.state != BatchState::Cut {
        // another worker was faster; tiles are a function of the range, so they are all there
        return Ok(());
    }
    let levels: Vec<i16> = tiles.iter().map(|tile| tile.id.level.into()).collect();
    let indexes: Result<Vec<i64>, _> =
        tiles.iter().map(|tile| bindable(tile.id.index, "tile index")).collect();
    let hashes: Vec<Vec<u8>> = tiles.iter().map(Tile::to_bytes).collect();
    let statement =
        sqlx::query(dialect::INSERT_TILES).bind(id.0).bind(levels).bind(indexes?).bind(hashes);
    change(statement, tx).await?;
    Ok(())
}

async fn write_seal(tx: &mut PgConnection, id: BatchId, seal: &Seal) -> Result<(), Failure> {
    let statement = sqlx::query(sql::SEAL)
        .bind(id.0)
        .bind(bindable(seal.size, "batch size")?)
        .bind(seal.root.0)
        .bind(seal.blockcerts_root.0)
        .bind(seal.commitment.0)
        .bind(seal.owners_hash.map(|hash| hash.0));
    Ok(guards::affected(change(statement, tx).await?, 1, "sealed batch")?)
}

async fn seal_batch(tx: &mut PgConnection, id: BatchId, seal: Seal) -> Result<Batch, Failure> {
    let (batch, stream) = lock_batch(tx, id).await?;
    if !guards::seal(&batch, &stream, &seal)? {
        return Ok(batch);
    }
    write_seal(tx, id, &seal).await?;
    Ok(batch.sealed(seal).map_err(StoreError::from)?)
}

/// The requests of a batch that stand; in a cut range nobody withdraws one.
async fn standing(
    tx: &mut PgConnection,
    batch: &Batch,
) -> Result<Vec<(Address, Position)>, Failure> {
    let statement = sqlx::query(sql::STANDING).bind(batch.first.as_i64()).bind(batch.end.as_i64());
    all(statement, tx, rows::standing).await
}

async fn seal_mint(
    tx: &mut PgConnection,
    id: BatchId,
    seal: Seal,
    order: &[Position],
) -> Result<Batch, Failure> {
    let (batch, stream) = lock_batch(tx, id).await?;
    let standing = standing(tx, &batch).await?;
    if !guards::seal_mint(&batch, &stream, &seal, order, standing)? {
        return Ok(batch);
    }
    let leaves: Vec<i64> = order.iter().map(|position| position.as_i64()).collect();
    let numbered = change(sqlx::query(dialect::NUMBER_LEAVES).bind(leaves), &mut *tx).await?;
    guards::affected(numbered, order.len() as u64, "leaf indexes")?;
    write_seal(tx, id, &seal).await?;
    Ok(batch.sealed(seal).map_err(StoreError::from)?)
}

async fn vacate(tx: &mut PgConnection, id: BatchId) -> Result<(), Failure> {
    let (batch, stream) = lock_batch(tx, id).await?;
    let standing = standing(tx, &batch).await?.len();
    if guards::vacate(&batch, &stream, standing)? {
        let statement = sqlx::query(sql::VACATE_BATCH).bind(id.0);
        guards::affected(change(statement, tx).await?, 1, "vacated batch")?;
    }
    Ok(())
}
