//! What a writing transaction checks before it writes. Pure; the same in both back ends.

use domain::{Attempt, Batch, BatchState, Fees, Position, Purpose, Seal};
use proof::Timestamp;

use crate::rows::{OpenRange, OwnedTransaction};
use crate::{MAX_ACCEPT, MAX_PAGE, NewTransaction, RegistryRecord, StoreError};

/// Most tiles of one [`crate::Sealing::put_tiles`].
pub const MAX_TILES: usize = 256;

fn conflict<T>(why: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::Conflict(why.into()))
}

/// # Errors
/// `Limit` above [`MAX_ACCEPT`] submissions.
pub fn accept_size(submissions: usize) -> Result<(), StoreError> {
    within("submissions", submissions, MAX_ACCEPT)
}

/// # Errors
/// `Limit` above [`MAX_PAGE`] rows.
pub fn page_size(limit: u32) -> Result<i64, StoreError> {
    within("rows of a page", limit as usize, MAX_PAGE as usize)?;
    Ok(i64::from(limit))
}

/// # Errors
/// `Limit` above [`MAX_TILES`].
pub fn tile_count(tiles: usize) -> Result<(), StoreError> {
    within("tiles", tiles, MAX_TILES)
}

fn within(what: &str, asked: usize, limit: usize) -> Result<(), StoreError> {
    if asked > limit {
        return Err(StoreError::Limit(format!("{asked} {what}; at most {limit}")));
    }
    Ok(())
}

/// Whether `from..end` begins where the open part begins; `false` when it begins earlier, so that
/// another worker may have cut there.
///
/// # Errors
/// `Conflict` for an empty range or one that goes beyond the open part.
pub fn cut(open: &OpenRange, from: Position, end: Position) -> Result<bool, StoreError> {
    if from >= end || from > open.from || end > open.next {
        return conflict(format!("{from}..{end} is no range of {}..{}", open.from, open.next));
    }
    Ok(from == open.from)
}

/// The deadline of a range: the earliest of its badges, or, where all are vacated, the earliest
/// that was open.
#[must_use]
pub fn cut_deadline(
    open: &OpenRange,
    window_start: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let known = window_start.map(|start| start.plus_millis(open.promise_ms)).or(open.deadline_at);
    known.unwrap_or_else(|| now.plus_millis(open.promise_ms))
}

/// What the badges left over by a cut say of the stream's open part. Vacated positions say
/// nothing, so the old bounds stand when nothing else is known.
#[must_use]
pub fn after_cut(
    open: &OpenRange,
    end: Position,
    since: Option<Timestamp>,
    window_start: Option<Timestamp>,
) -> OpenRange {
    if end == open.next {
        return OpenRange { from: end, since: None, deadline_at: None, ..*open };
    }
    let deadline = window_start.map(|start| start.plus_millis(open.promise_ms));
    OpenRange {
        from: end,
        since: since.or(open.since),
        deadline_at: deadline.or(open.deadline_at),
        ..*open
    }
}

/// Whether to write the seal; `false` when it is there already.
///
/// # Errors
/// `Conflict` when the batch is sealed differently, or the size is not the range's.
pub fn seal(batch: &Batch, seal: &Seal) -> Result<bool, StoreError> {
    match batch.seal() {
        Some(stored) if stored == seal => Ok(false),
        Some(_) => conflict(format!("batch {} is sealed differently", batch.id)),
        None if seal.size != batch.len() => {
            conflict(format!("batch {} has {} positions, not {}", batch.id, batch.len(), seal.size))
        }
        None => Ok(true),
    }
}

/// Checks a new transaction against the signer's sequence and the batch.
///
/// # Errors
/// `Conflict` for another nonce than the next, or a batch in flight (anchor) or not final
/// (revocation); `Transition` for an anchor from any other state.
pub fn prepare(
    transaction: &NewTransaction,
    next_nonce: u64,
    batch: &Batch,
) -> Result<(), StoreError> {
    if transaction.nonce != next_nonce {
        return conflict(format!("nonce {} is not the next, {next_nonce}", transaction.nonce));
    }
    match transaction.purpose {
        Purpose::Anchor { .. } if matches!(batch.state, BatchState::InFlight { .. }) => {
            conflict(format!("batch {} is in flight", batch.id))
        }
        Purpose::Anchor { .. } => Ok(batch.clone().prepared().map(drop)?),
        Purpose::Revoke { .. } if transaction.revoked.is_empty() => {
            conflict("a revocation without positions")
        }
        Purpose::Revoke { .. } if !matches!(batch.state, BatchState::Final { .. }) => {
            conflict(format!("batch {} is not final", batch.id))
        }
        Purpose::Revoke { .. } => Ok(()),
    }
}

/// The purpose of a transaction that may be changed.
///
/// # Errors
/// `NotFound` when it is not the signer's; `Conflict` when it has ended.
pub fn live(transaction: Option<OwnedTransaction>) -> Result<Purpose, StoreError> {
    match transaction {
        None => Err(StoreError::NotFound),
        Some(OwnedTransaction { live: false, .. }) => conflict("the transaction has ended"),
        Some(OwnedTransaction { purpose, .. }) => Ok(purpose),
    }
}

/// # Errors
/// `Conflict` unless both fees are higher than the last attempt's.
pub fn bump(last: Fees, attempt: &Attempt) -> Result<(), StoreError> {
    let next = attempt.fees;
    if next.max_fee > last.max_fee && next.max_priority_fee > last.max_priority_fee {
        Ok(())
    } else {
        conflict(format!("fees must rise: {last:?}, then {next:?}"))
    }
}

/// # Errors
/// `Conflict` when a registry is recorded with another code hash or block.
pub fn same_registry(recorded: &RegistryRecord, given: &RegistryRecord) -> Result<(), StoreError> {
    if recorded.code_hash == given.code_hash && recorded.from_block == given.from_block {
        Ok(())
    } else {
        conflict(format!("registry {} is recorded with another code or block", given.address))
    }
}

/// A write that must have met exactly `expected` rows.
///
/// # Errors
/// `Conflict` naming `what`.
pub fn affected(rows: u64, expected: u64, what: &str) -> Result<(), StoreError> {
    if rows == expected {
        Ok(())
    } else {
        conflict(format!("{what}: {rows} rows changed instead of {expected}"))
    }
}
