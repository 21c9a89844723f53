//! How near a deadline may come before somebody is told, and how long a stall may last.

/// With less than this left, an operator is warned; of a promise of a day.
pub const WARN_MS: i64 = 6 * HOUR_MS;
/// With less than this left, an operator is paged.
pub const PAGE_MS: i64 = 4 * HOUR_MS;
/// With less than this left, what was decided about the budget applies.
pub const DECIDE_MS: i64 = HOUR_MS;
/// A badge that is here for less than this says nothing about the service, however near its deadline
/// came in.
pub const GRACE_MS: i64 = HOUR_MS / 2;

const HOUR_MS: i64 = 3_600_000;

/// The thresholds of a promise of some length; those of a day are the constants of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// See [`WARN_MS`].
    pub warn_ms: i64,
    /// See [`PAGE_MS`].
    pub page_ms: i64,
    /// See [`DECIDE_MS`].
    pub decide_ms: i64,
    /// Work that does not move for this long closes intake, whatever the cause: three quarters of
    /// the promise are left then.
    pub stall_ms: i64,
}

/// How near a deadline has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// [`Thresholds::warn_ms`].
    Warn,
    /// [`Thresholds::page_ms`].
    Page,
    /// [`Thresholds::decide_ms`].
    Decide,
}

impl Thresholds {
    /// Of a promise of this length; shorter ones have proportionally less.
    #[must_use]
    pub fn of(promise_ms: i64) -> Self {
        Self {
            warn_ms: WARN_MS.min(promise_ms / 4),
            page_ms: PAGE_MS.min(promise_ms / 6),
            decide_ms: DECIDE_MS.min(promise_ms / 24),
            stall_ms: promise_ms / 4,
        }
    }

    /// What a margin of so many milliseconds calls for.
    #[must_use]
    pub const fn alarm(&self, margin_ms: i64) -> Option<Alarm> {
        if margin_ms <= self.decide_ms {
            Some(Alarm::Decide)
        } else if margin_ms <= self.page_ms {
            Some(Alarm::Page)
        } else if margin_ms <= self.warn_ms {
            Some(Alarm::Warn)
        } else {
            None
        }
    }
}

impl Alarm {
    /// The word in answers, logs and labels.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Page => "page",
            Self::Decide => "decide",
        }
    }

    /// 1, 2 or 3, as the metric shows it; 0 is no alarm.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::Warn => 1,
            Self::Page => 2,
            Self::Decide => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_thresholds_of_six_four_and_one_hours() {
        let day = Thresholds::of(24 * HOUR_MS);
        assert_eq!((day.warn_ms, day.page_ms, day.decide_ms), (WARN_MS, PAGE_MS, DECIDE_MS));
        assert_eq!(day.stall_ms, 6 * HOUR_MS);
        assert_eq!(day.alarm(WARN_MS + 1), None);
        assert_eq!(day.alarm(WARN_MS), Some(Alarm::Warn));
        assert_eq!(day.alarm(PAGE_MS), Some(Alarm::Page));
        assert_eq!(day.alarm(DECIDE_MS), Some(Alarm::Decide));
        assert_eq!(day.alarm(-1), Some(Alarm::Decide));
        assert_eq!(Thresholds::of(168 * HOUR_MS).warn_ms, WARN_MS);
        assert_eq!(Thresholds::of(12 * HOUR_MS).warn_ms, 3 * HOUR_MS);
    }
}
