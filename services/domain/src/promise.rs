//! The 24-hour promise: when its window runs, whether it can still be kept, and what is done when it
//! is at risk.

mod breach;
mod canary;
mod clocks;
mod gate;
mod pulse;
mod standing;
mod thresholds;

use proof::Timestamp;

pub use breach::{BreachEnd, BreachRecord, OverdueBatch};
pub use canary::{CANARY_ISSUER, Canary, canary_is_due};
pub use clocks::{CLOCK_SPREAD_MS, Clocks};
pub use gate::{ClosedReason, Gate, GatePolicy, UnknownClosedReason};
pub use pulse::{Look, Pulse, Seen};
pub use standing::Standing;
pub use thresholds::{Alarm, DECIDE_MS, GRACE_MS, PAGE_MS, Thresholds, WARN_MS};

/// The window of one badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub deadline_at: Timestamp,
}

/// Why a window is refused at intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The learner's acceptance lies in the future.
    #[error("windowStartedAt lies in the future")]
    InFuture,
    /// Too little time is left to keep the promise.
    #[error("the deadline {deadline_at} cannot be kept: less than {min_lead_ms} ms are left")]
    Unkeepable { deadline_at: Timestamp, min_lead_ms: i64 },
}

/// How far a platform's clock may run ahead of ours.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

impl Window {
    /// The window of a badge taken at `received_at`.
    ///
    /// # Errors
    /// [`WindowError`]; nothing may be stored then.
    pub fn open(
        received_at: Timestamp,
        window_started_at: Option<Timestamp>,
        promise_ms: i64,
        min_lead_ms: i64,
    ) -> Result<Self, WindowError> {
        let start = window_started_at.unwrap_or(received_at);
        if start.since(received_at) > CLOCK_TOLERANCE_MS {
            return Err(WindowError::InFuture);
        }
        let deadline_at = start.plus_millis(promise_ms);
        if deadline_at.since(received_at) < min_lead_ms {
            return Err(WindowError::Unkeepable { deadline_at, min_lead_ms });
        }
        Ok(Self { deadline_at })
    }
}

/// The promise as a whole, for the public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PromiseStatus {
    /// Badges accepted and not yet final.
    pub open: u64,
    /// Badges not final though their deadline has passed; an upper bound, counted by batch.
    pub overdue: u64,
    /// Badges that became final after their deadline, likewise; they stay on record.
    pub late: u64,
    /// When the oldest open badge was accepted (for cut batches: when the batch was cut).
    pub oldest_open_at: Option<Timestamp>,
    /// The earliest deadline still open.
    pub next_deadline_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn window_runs_from_the_learners_acceptance() {
        let now = Timestamp::from_millis(100 * HOUR).unwrap();
        let open = |start| Window::open(now, start, 24 * HOUR, 2 * HOUR);
        assert_eq!(open(None).unwrap().deadline_at, now.plus_millis(24 * HOUR));
        let earlier = now.plus_millis(-22 * HOUR);
        assert_eq!(open(Some(earlier)).unwrap().deadline_at, now.plus_millis(2 * HOUR));
        let late = open(Some(earlier.plus_millis(-1))).unwrap_err();
        assert!(matches!(late, WindowError::Unkeepable { .. }));
        assert_eq!(open(Some(now.plus_millis(HOUR))), Err(WindowError::InFuture));
    }
}
