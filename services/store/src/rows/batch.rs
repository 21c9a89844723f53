//! Batches, streams with what is open in them, the promise as a whole.

use domain::{
    Batch, BatchId, BatchState, Inclusion, Position, PromiseStatus, Seal, Stream, StreamId,
    StreamKind, StreamView,
};
use proof::{EvmHash, Timestamp};

use super::{Columns, Row, corrupt, stream};
use crate::{StoreError, StoredCounts, WaitingBatch};

fn place(row: &impl Row, column: &'static str) -> Result<Position, StoreError> {
    let value: i64 = row.number(column)?;
    Position::from_i64(value).ok_or_else(|| corrupt(column, value))
}

fn seal(row: &impl Row) -> Result<Seal, StoreError> {
    Ok(Seal {
        size: row.number("batch_size")?,
        root: row.hash("batch_root")?,
        blockcerts_root: row.hash("batch_blockcerts_root")?,
        commitment: row.hash("batch_commitment")?,
        owners_hash: row.maybe_hash("batch_owners_hash")?.map(|hash| EvmHash(hash.0)),
    })
}

/// Columns `inclusion_*`; `None` when there is no block.
pub(super) fn maybe_inclusion(row: &impl Row) -> Result<Option<Inclusion>, StoreError> {
    let Some(block_number) = row.maybe_number("inclusion_block_number")? else { return Ok(None) };
    Ok(Some(Inclusion {
        transaction: row.maybe_hash("inclusion_tx_hash")?,
        block_number,
        block_hash: row.hash("inclusion_block_hash")?,
        block_time: row.time("inclusion_block_time")?,
    }))
}

fn state(row: &impl Row) -> Result<BatchState, StoreError> {
    let name = row.owned_text("batch_state")?;
    Ok(match name.as_str() {
        "cut" => BatchState::Cut,
        "vacated" => BatchState::Vacated,
        "sealed" => BatchState::Sealed { seal: seal(row)? },
        "blocked" => BatchState::Blocked {
            seal: seal(row)?,
            reason: row.parsed("batch_blocked_reason")?,
            since: row.time("batch_blocked_since")?,
        },
        "in_flight" => BatchState::InFlight { seal: seal(row)?, inclusion: maybe_inclusion(row)? },
        "final" => {
            let inclusion = maybe_inclusion(row)?;
            let inclusion = inclusion.ok_or_else(|| corrupt("inclusion_block_number", "NULL"))?;
            BatchState::Final { seal: seal(row)?, inclusion }
        }
        _ => return Err(corrupt("batch_state", name)),
    })
}

pub(super) fn maybe_batch(row: &impl Row) -> Result<Option<Batch>, StoreError> {
    let Some(id) = row.maybe_number("batch_id")? else { return Ok(None) };
    Ok(Some(Batch {
        id: BatchId(id),
        stream: StreamId(row.number("batch_stream_id")?),
        first: place(row, "batch_first_pos")?,
        end: place(row, "batch_end_pos")?,
        cut_at: row.time("batch_cut_at")?,
        deadline_at: row.time("batch_deadline_at")?,
        state: state(row)?,
    }))
}

/// A row of one of the batch statements of [`crate::sql`].
///
/// # Errors
/// `Corrupt`.
pub fn batch(row: &impl Row) -> Result<Batch, StoreError> {
    maybe_batch(row)?.ok_or_else(|| corrupt("batch_id", "NULL"))
}

/// As [`batch`], with the stream it belongs to.
///
/// # Errors
/// `Corrupt`.
pub fn batch_in_stream(row: &impl Row) -> Result<(Batch, Stream), StoreError> {
    Ok((batch(row)?, stream(row)?))
}

/// A row of [`crate::sql::WAITING_BATCHES`].
///
/// # Errors
/// `Corrupt`.
pub fn waiting_batch(row: &impl Row) -> Result<WaitingBatch, StoreError> {
    let (batch, stream) = batch_in_stream(row)?;
    Ok(WaitingBatch { batch, stream })
}

/// A row of [`crate::sql::COVERING_STATE`]: whether the batch is under construction.
///
/// # Errors
/// `Corrupt`.
pub fn batch_state_is_cut(row: &impl Row) -> Result<bool, StoreError> {
    Ok(row.owned_text("state")? == BatchState::Cut.name())
}

/// The part of a stream that is not cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRange {
    /// The first open position.
    pub from: Position,
    /// The next position to be given out.
    pub next: Position,
    /// When the oldest open badge was accepted.
    pub since: Option<Timestamp>,
    /// The earliest deadline among open badges.
    pub deadline_at: Option<Timestamp>,
    /// Length of the promise in milliseconds.
    pub promise_ms: i64,
    /// Whether its positions are requests to mint, not badges to anchor.
    pub mints: bool,
}

impl OpenRange {
    /// Gives out the next position to what came at `accepted_at` and whose window began at
    /// `window_start`.
    pub fn take(&mut self, accepted_at: Timestamp, window_start: Timestamp) -> Position {
        let position = self.next;
        let deadline = window_start.plus_millis(self.promise_ms);
        self.next = position.plus(1);
        self.since = earlier(self.since, accepted_at);
        self.deadline_at = earlier(self.deadline_at, deadline);
        position
    }
}

fn earlier(so_far: Option<Timestamp>, time: Timestamp) -> Option<Timestamp> {
    Some(so_far.map_or(time, |so_far| so_far.min(time)))
}

/// A row of [`crate::sql::OPEN_RANGE`].
///
/// # Errors
/// `Corrupt`.
pub fn open_range(row: &impl Row) -> Result<OpenRange, StoreError> {
    Ok(OpenRange {
        from: place(row, "open_from")?,
        next: place(row, "next_pos")?,
        since: row.maybe_time("open_since")?,
        deadline_at: row.maybe_time("open_deadline_at")?,
        promise_ms: row.number("promise_ms")?,
        mints: row.owned_text("kind")? != StreamKind::Anchor.name(),
    })
}

/// A row of [`crate::sql::STREAMS`], with the stream's batches out of `cut`.
///
/// # Errors
/// `Corrupt`.
pub fn stream_view(row: &impl Row, cut: &[Batch]) -> Result<StreamView, StoreError> {
    let open = open_range(row)?;
    let stream = stream(row)?;
    let cut = cut.iter().filter(|batch| batch.stream == stream.id).cloned().collect();
    Ok(StreamView {
        stream,
        open_from: open.from,
        next: open.next,
        open_since: open.since,
        open_deadline_at: open.deadline_at,
        cut,
    })
}

/// A row of [`crate::sql::PROMISE_STATUS`].
///
/// # Errors
/// `Corrupt`.
pub fn promise_status(row: &impl Row) -> Result<PromiseStatus, StoreError> {
    Ok(PromiseStatus {
        open: row.number("open_badges")?,
        overdue: row.number("overdue")?,
        late: row.number("late")?,
        oldest_open_at: row.maybe_time("oldest_open_at")?,
        next_deadline_at: row.maybe_time("next_deadline_at")?,
    })
}

/// The row of [`crate::sql::COUNTS`].
///
/// # Errors
/// `Corrupt`.
pub fn counts(row: &impl Row) -> Result<StoredCounts, StoreError> {
    Ok(StoredCounts {
        badges: row.number("badges")?,
        positions: row.number("positions")?,
        erased: row.number("erased")?,
        tokens: row.number("tokens")?,
    })
}
