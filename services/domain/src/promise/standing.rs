//! How the promise stands on one chain: the facts that all rules about it are made from.

use proof::Timestamp;

use super::clocks::Clocks;
use super::gate::Gate;
use super::pulse::Pulse;
use super::thresholds::{Alarm, Thresholds};
use crate::BlockedReason;

/// Badges of one chain that are promised, as the database has them at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// EIP-155.
    pub chain_id: u64,
    /// Now, by the clock that dates the looks of `pulse`.
    pub at: Timestamp,
    /// Now, by each clock.
    pub clocks: Clocks,
    /// Badges accepted and not yet final.
    pub open: u64,
    /// Of these, badges that were seen in a block by their deadline; it is not final yet.
    pub included: u64,
    /// Of the others, badges whose deadline has passed by every clock; an upper bound, counted by
    /// batch.
    pub overdue: u64,
    /// Badges that became final after their deadline, likewise; they stay on record.
    pub late: u64,
    /// Breaches on record.
    pub breaches: u64,
    /// When the oldest open badge was accepted (for cut batches: when the batch was cut).
    pub oldest_open_at: Option<Timestamp>,
    /// The earliest deadline still open.
    pub next_deadline_at: Option<Timestamp>,
    /// The earliest deadline of what was not seen in a block by its deadline.
    pub waiting_deadline_at: Option<Timestamp>,
    /// The earliest deadline of what has been here for [`super::thresholds::GRACE_MS`] and was not
    /// seen in a block by its deadline.
    pub stuck_deadline_at: Option<Timestamp>,
    /// Since when the oldest of what is not seen in a block waits.
    pub waiting_since: Option<Timestamp>,
    /// Since when the oldest of `included` is seen in a block.
    pub included_since: Option<Timestamp>,
    /// Batches that are not seen in a block.
    pub waiting_batches: u64,
    /// Badges that are in no batch yet.
    pub uncut: u64,
    /// Why the batch that has been blocked longest is, and since when.
    pub blocked: Option<(BlockedReason, Timestamp)>,
    /// From the first attempt to the final block, in milliseconds: the median of recent batches.
    pub pace_ms: Option<i64>,
    /// The least time that was left, in milliseconds, of the batches that recently became final;
    /// negative when one was late.
    pub least_margin_ms: Option<i64>,
    /// What was seen of the chain; `None` before the first look.
    pub pulse: Option<Pulse>,
    /// Whether intake was open when this was last judged and written down.
    pub gate: Gate,
}

impl Standing {
    /// Milliseconds to the earliest deadline that is open, by the clock that says it is latest.
    #[must_use]
    pub fn margin_ms(&self) -> Option<i64> {
        self.next_deadline_at.map(|deadline| deadline.since(self.clocks.latest()))
    }

    /// The same of what is not in a block in time: what is can break no promise any more.
    #[must_use]
    pub fn waiting_margin_ms(&self) -> Option<i64> {
        self.waiting_deadline_at.map(|deadline| deadline.since(self.clocks.latest()))
    }

    /// The same of what is stuck.
    #[must_use]
    pub fn stuck_margin_ms(&self) -> Option<i64> {
        self.stuck_deadline_at.map(|deadline| deadline.since(self.clocks.latest()))
    }

    /// What an operator is to be told: of what is stuck at every threshold, of a badge whose
    /// deadline came in near only at the last one.
    #[must_use]
    pub fn alarm(&self, thresholds: &Thresholds) -> Option<Alarm> {
        let stuck = self.stuck_margin_ms().and_then(|margin| thresholds.alarm(margin));
        let any = self.waiting_margin_ms().and_then(|margin| thresholds.alarm(margin));
        stuck.max(any.filter(|alarm| *alarm == Alarm::Decide))
    }
}
