//! How the promise stands, breaches, canaries.

use domain::{
    BatchId, BlockedReason, BreachEnd, BreachRecord, Canary, Clocks, Gate, OverdueBatch, Position,
    Pulse, Seen, Standing,
};
use proof::{BreachProof, Signature, Timestamp};

use super::{Columns, Row, bindable, corrupt};
use crate::StoreError;

/// What a [`Standing`] is made of beside the row of [`crate::sql::PROMISE_STANDING`].
#[derive(Debug, Clone)]
pub struct StandingParts {
    /// The chain.
    pub chain_id: u64,
    /// Now, by the clock that dates looks.
    pub at: Timestamp,
    /// Now, by each clock.
    pub clocks: Clocks,
    /// Of [`crate::sql::LONGEST_BLOCKED`].
    pub blocked: Option<(BlockedReason, Timestamp)>,
    /// Of [`crate::sql::RECENT_PACES`].
    pub paces: Vec<i64>,
    /// Of [`crate::sql::PULSE`].
    pub pulse: Option<Pulse>,
    /// Likewise.
    pub gate: Gate,
}

/// A row of [`crate::sql::PROMISE_STANDING`].
///
/// # Errors
/// `Corrupt`.
pub fn promise_standing(row: &impl Row, parts: StandingParts) -> Result<Standing, StoreError> {
    let StandingParts { chain_id, at, clocks, blocked, mut paces, pulse, gate } = parts;
    paces.sort_unstable();
    Ok(Standing {
        chain_id,
        at,
        clocks,
        open: row.number("open_badges")?,
        included: row.number("included")?,
        overdue: row.number("overdue")?,
        late: row.number("late")?,
        breaches: row.number("breaches")?,
        oldest_open_at: row.maybe_time("oldest_open_at")?,
        next_deadline_at: row.maybe_time("next_deadline_at")?,
        waiting_deadline_at: row.maybe_time("waiting_deadline_at")?,
        stuck_deadline_at: row.maybe_time("stuck_deadline_at")?,
        waiting_since: row.maybe_time("waiting_since")?,
        included_since: row.maybe_time("included_since")?,
        waiting_batches: row.number("waiting_batches")?,
        uncut: row.number("uncut")?,
        blocked,
        pace_ms: paces.get(paces.len() / 2).copied(),
        least_margin_ms: row.maybe_number("least_margin_ms")?,
        pulse,
        gate,
    })
}

/// A row of [`crate::sql::LONGEST_BLOCKED`].
///
/// # Errors
/// `Corrupt`.
pub fn blocked(row: &impl Row) -> Result<(BlockedReason, Timestamp), StoreError> {
    Ok((row.parsed("blocked_reason")?, row.time("blocked_since")?))
}

/// A row of [`crate::sql::RECENT_PACES`].
///
/// # Errors
/// `Corrupt`.
pub fn pace(row: &impl Row) -> Result<Option<i64>, StoreError> {
    row.maybe_number("took")
}

/// A row of [`crate::sql::PULSE`], and the gate in it.
///
/// # Errors
/// `Corrupt`.
pub fn pulse(row: &impl Row) -> Result<(Pulse, Gate), StoreError> {
    let seen = match row.maybe_number("head")? {
        None => None,
        Some(head) => Some(Seen {
            head,
            head_time: row.time("head_time")?,
            finalized: row.number("finalized")?,
        }),
    };
    let pulse = Pulse {
        since: row.time("since")?,
        looked_at: row.time("looked_at")?,
        worker_at: row.maybe_time("worker_at")?,
        answered_at: row.maybe_time("answered_at")?,
        seen,
        head_at: row.maybe_time("head_at")?,
        finalized_at: row.maybe_time("finalized_at")?,
        offset_ms: row.maybe_number("offset_ms")?,
        quiet_looks: row.number("quiet_looks")?,
    };
    let gate = match row.maybe_parsed("closed_reason")? {
        None => Gate::Open,
        Some(reason) => Gate::Closed { reason, since: row.time("closed_since")? },
    };
    Ok((pulse, gate))
}

/// The values of [`crate::sql::PUT_PULSE`] after the chain's id, in its order.
///
/// # Errors
/// `Limit` for a block above 2^63 − 1.
pub fn pulse_values(pulse: &Pulse) -> Result<[Option<i64>; 11], StoreError> {
    let time = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let (mut head, mut head_time, mut finalized) = (None, None, None);
    if let Some(seen) = pulse.seen {
        head = Some(bindable(seen.head, "block number")?);
        head_time = Some(seen.head_time.millis());
        finalized = Some(bindable(seen.finalized, "block number")?);
    }
    Ok([
        Some(pulse.since.millis()),
        Some(pulse.looked_at.millis()),
        time(pulse.worker_at),
        time(pulse.answered_at),
        head,
        head_time,
        time(pulse.head_at),
        finalized,
        time(pulse.finalized_at),
        pulse.offset_ms,
        Some(i64::from(pulse.quiet_looks)),
    ])
}

/// The clocks of a moment, of which the pulse tells the chain's.
#[must_use]
pub fn clocks(
    host: Timestamp,
    database: Option<Timestamp>,
    at: Timestamp,
    pulse: Option<&Pulse>,
) -> Clocks {
    Clocks {
        host,
        database,
        chain: pulse.and_then(|pulse| pulse.clock(at)),
        settled: pulse.is_some_and(|pulse| pulse.is_settled(at)),
    }
}

/// A row of [`crate::sql::OVERDUE_BATCHES`].
///
/// # Errors
/// `Corrupt`.
pub fn overdue_batch(row: &impl Row) -> Result<OverdueBatch, StoreError> {
    Ok(OverdueBatch {
        batch: BatchId(row.number("batch_id")?),
        badges: row.number("badges")?,
        deadline_at: row.time("deadline_at")?,
    })
}

/// A row of [`crate::sql::BREACHES`].
///
/// # Errors
/// `Corrupt`.
pub fn breach(row: &impl Row) -> Result<BreachRecord, StoreError> {
    let proof = match row.maybe_hash("key_id")? {
        None => None,
        Some(key_id) => {
            let bytes = row.bytes("signature")?.unwrap_or_default();
            let bytes = bytes.try_into().map_err(|_| corrupt("signature", "not 64 bytes"))?;
            Some(BreachProof { key_id, signature: Signature(bytes) })
        }
    };
    let ended = match row.maybe_time("anchored_at")? {
        None => None,
        Some(anchored_at) => Some(BreachEnd {
            anchored_at,
            final_at: row.time("final_at")?,
            late: row.number("late")?,
        }),
    };
    Ok(BreachRecord {
        number: row.number("number")?,
        service: row.owned_text("service")?,
        chain_id: row.number("chain_id")?,
        registry: row.address("registry")?,
        overdue: overdue_batch(row)?,
        commitment: row.maybe_hash("commitment")?,
        noticed_at: row.time("noticed_at")?,
        proof,
        ended,
        batch_commitment: row.maybe_hash("batch_commitment")?,
    })
}

/// A row of one of the statements about canaries of [`crate::sql`].
///
/// # Errors
/// `Corrupt`.
pub fn canary(row: &impl Row) -> Result<Canary, StoreError> {
    let position = row
        .maybe_number("pos")?
        .map(|value: i64| Position::from_i64(value).ok_or_else(|| corrupt("pos", value)));
    Ok(Canary {
        id: row.number("id")?,
        chain_id: row.number("chain_id")?,
        digest: row.hash("digest")?,
        begun_at: row.time("begun_at")?,
        position: position.transpose()?,
        verified_at: row.maybe_time("verified_at")?,
    })
}

/// Columns `closed_reason` and `closed_since` of a gate.
#[must_use]
pub const fn gate_values(gate: Gate) -> (Option<&'static str>, Option<i64>) {
    match gate {
        Gate::Open => (None, None),
        Gate::Closed { reason, since } => (Some(reason.name()), Some(since.millis())),
    }
}
