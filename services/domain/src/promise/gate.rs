//! Whether new badges may be promised anything. Intake closes while every promise that is open can
//! still be kept, and opens again later than it closed, so that it does not flap.

use std::fmt;
use std::str::FromStr;

use proof::Timestamp;

use super::clocks::CLOCK_SPREAD_MS;
use super::standing::Standing;
use super::thresholds::Thresholds;

/// What is expected of a chain of which nothing is known yet: from attempt to finality, in
/// milliseconds.
const USUAL_PACE_MS: i64 = 1_800_000;

/// Whether intake is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gate {
    /// Badges are taken.
    #[default]
    Open,
    /// New badges are refused; repeats and reads are not.
    Closed { reason: ClosedReason, since: Timestamp },
}

/// Why intake is closed. Of several, the first of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedReason {
    /// A deadline has passed.
    Overdue,
    /// Badges that are stuck have little time left, or any that is in no block hardly any.
    DeadlineNear,
    /// The host's clock cannot be right: receipts would carry a wrong deadline.
    Clocks,
    /// No node has answered for long.
    ChainUnreachable,
    /// What waits is sent by nobody.
    NoWorker,
    /// Paused, no role, no funds: a person has to act.
    Blocked,
    /// Badges wait, and the chain makes no blocks.
    ChainHalted,
    /// Badges are in blocks that do not become final.
    FinalityStalled,
    /// At the recent pace what waits would take too long.
    QueueTooLong,
}

impl ClosedReason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Overdue,
        Self::DeadlineNear,
        Self::Clocks,
        Self::ChainUnreachable,
        Self::NoWorker,
        Self::Blocked,
        Self::ChainHalted,
        Self::FinalityStalled,
        Self::QueueTooLong,
    ];

    /// The name in the database, in answers and in labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DeadlineNear => "deadline-near",
            Self::Clocks => "clocks",
            Self::ChainUnreachable => "chain-unreachable",
            Self::NoWorker => "no-worker",
            Self::Blocked => "blocked",
            Self::ChainHalted => "chain-halted",
            Self::FinalityStalled => "finality-stalled",
            Self::QueueTooLong => "queue-too-long",
        }
    }

    /// For people who are refused.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Overdue => "badges accepted earlier are overdue and must be anchored first",
            Self::DeadlineNear => {
                "badges accepted earlier are near their deadline and must be anchored first"
            }
            Self::Clocks => "the service's clock does not agree with others",
            Self::ChainUnreachable => "no node of the chain has answered for long",
            Self::NoWorker => "the part of the service that anchors has not been seen for long",
            Self::Blocked => "anchoring waits for the operator of the service",
            Self::ChainHalted => "the chain has made no block for long",
            Self::FinalityStalled => "the chain's blocks have not become final for long",
            Self::QueueTooLong => "more badges wait than can be anchored in time",
        }
    }
}

impl fmt::Display for ClosedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`ClosedReason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason of closed intake")]
pub struct UnknownClosedReason;

impl FromStr for ClosedReason {
    type Err = UnknownClosedReason;

    fn from_str(name: &str) -> Result<Self, UnknownClosedReason> {
        Self::ALL.into_iter().find(|reason| reason.name() == name).ok_or(UnknownClosedReason)
    }
}

/// What the operator set, as far as the rule depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatePolicy {
    /// Length of the promise in milliseconds.
    pub promise_ms: i64,
    /// With less than this left until the deadline of a badge that is in no block yet, intake is closed, in milliseconds.
    pub at_risk_ms: i64,
    /// Badges of a full batch, at least 1.
    pub batch_badges: u64,
    /// Batches that may be on their way at once, at least 1.
    pub batches_at_once: u64,
}

/// Where each rule closes, or opens again; milliseconds.
#[derive(Debug, Clone, Copy)]
struct Limits {
    margin: i64,
    stuck_margin: i64,
    stall: i64,
    queue: i64,
    clock: i64,
}

impl GatePolicy {
    /// What closes an open gate.
    fn closing(&self, pace: i64) -> Limits {
        let Thresholds { page_ms, stall_ms, .. } = Thresholds::of(self.promise_ms);
        Limits {
            margin: self.at_risk_ms,
            stuck_margin: page_ms.max(pace.min(self.promise_ms / 2) + self.at_risk_ms),
            stall: stall_ms,
            queue: self.promise_ms / 2,
            clock: CLOCK_SPREAD_MS.max(self.promise_ms / 24),
        }
    }

    /// What keeps a closed one closed; stricter in every rule.
    fn opening(&self, pace: i64) -> Limits {
        let closing = self.closing(pace);
        Limits {
            margin: closing.margin + closing.margin / 2,
            stuck_margin: closing.stuck_margin + closing.stuck_margin / 2,
            stall: closing.stall / 24,
            queue: closing.queue / 2,
            clock: CLOCK_SPREAD_MS,
        }
    }

    /// What follows `gate` by these facts.
    #[must_use]
    pub fn judge(&self, gate: Gate, facts: &Standing) -> Gate {
        let pace = facts.pace_ms.unwrap_or(USUAL_PACE_MS).max(0);
        let closing = self.reason(facts, pace, &self.closing(pace));
        match gate {
            Gate::Open => {
                closing.map_or(Gate::Open, |reason| Gate::Closed { reason, since: facts.at })
            }
            Gate::Closed { since, .. } => {
                let kept = closing.or_else(|| self.reason(facts, pace, &self.opening(pace)));
                kept.map_or(Gate::Open, |reason| Gate::Closed { reason, since })
            }
        }
    }

    fn reason(&self, facts: &Standing, pace: i64, limits: &Limits) -> Option<ClosedReason> {
        let stalled = |since: Option<Timestamp>| {
            since.is_some_and(|since| facts.at.since(since) >= limits.stall)
        };
        let below = |margin: Option<i64>, limit| margin.is_some_and(|margin| margin < limit);
        let holds = |reason: &ClosedReason| match reason {
            ClosedReason::Overdue => facts.overdue > 0,
            ClosedReason::DeadlineNear => {
                below(facts.waiting_margin_ms(), limits.margin)
                    || below(facts.stuck_margin_ms(), limits.stuck_margin)
            }
            ClosedReason::Clocks => facts.clocks.receipt_error_ms() > limits.clock,
            ClosedReason::ChainUnreachable => {
                stalled(facts.pulse.map(|pulse| pulse.answered_at.unwrap_or(pulse.since)))
            }
            ClosedReason::NoWorker => {
                let seen = facts.pulse.map(|pulse| pulse.worker_at.unwrap_or(pulse.since));
                stalled(after(seen, facts.waiting_since))
            }
            ClosedReason::Blocked => stalled(facts.blocked.map(|(_, since)| since)),
            ClosedReason::ChainHalted => {
                stalled(after(facts.pulse.and_then(|it| it.head_at), facts.waiting_since))
            }
            ClosedReason::FinalityStalled => {
                stalled(after(facts.pulse.and_then(|it| it.finalized_at), facts.included_since))
            }
            ClosedReason::QueueTooLong => self.queue_ms(facts, pace) > limits.queue,
        };
        ClosedReason::ALL.into_iter().find(holds)
    }

    /// How long what waits will take at this pace, in milliseconds.
    fn queue_ms(&self, facts: &Standing, pace: i64) -> i64 {
        let batches = facts.waiting_batches + facts.uncut.div_ceil(self.batch_badges.max(1));
        let turns = batches.div_ceil(self.batches_at_once.max(1));
        i64::try_from(turns).unwrap_or(i64::MAX).saturating_mul(pace)
    }
}

/// Something waits since then and nothing has moved since: the later of both.
fn after(moved: Option<Timestamp>, waiting: Option<Timestamp>) -> Option<Timestamp> {
    Some(moved?.max(waiting?))
}

#[cfg(test)]
mod tests;
