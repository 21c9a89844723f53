//! Who is told as a deadline comes near and a batch is not on chain.

use proof::Timestamp;

use super::{Due, FeePolicy, OnCap};

const HOUR_MS: i64 = 3_600_000;

/// How loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeeAlarm {
    /// The chain asks for more than may be paid now.
    BelowMarket,
    /// Six hours are left.
    Warn,
    /// Four hours are left.
    Page,
    /// The budget does not suffice, and `on_cap` has decided to pay what it takes.
    BudgetBreached,
    /// The budget does not suffice, and `on_cap` has decided to be late.
    PromiseBreached,
}

impl FeeAlarm {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BelowMarket => "below-market",
            Self::Warn => "warn",
            Self::Page => "page",
            Self::BudgetBreached => "budget-breached",
            Self::PromiseBreached => "promise-breached",
        }
    }
}

impl FeePolicy {
    /// The alarm for a batch that is not on chain, where the chain asks for this base fee (`None`:
    /// not known). `usual_cap` as in [`Self::cap`].
    #[must_use]
    pub fn alarm(
        &self,
        now: Timestamp,
        due: Due,
        base_fee: Option<u128>,
        usual_cap: u128,
    ) -> Option<FeeAlarm> {
        let left = due.deadline_at.since(now);
        let above = |cap: u128| base_fee.is_some_and(|base_fee| base_fee > cap);
        if left <= self.decide_before_ms && above(self.budget_cap.min(self.hard_cap)) {
            return Some(match self.on_cap {
                OnCap::BreachBudget => FeeAlarm::BudgetBreached,
                OnCap::BreachPromise => FeeAlarm::PromiseBreached,
            });
        }
        if left <= PAGE_MS {
            Some(FeeAlarm::Page)
        } else if left <= WARN_MS {
            Some(FeeAlarm::Warn)
        } else {
            above(self.cap(now, due, usual_cap)).then_some(FeeAlarm::BelowMarket)
        }
    }
}

const PAGE_MS: i64 = 4 * HOUR_MS;
const WARN_MS: i64 = 6 * HOUR_MS;

#[cfg(test)]
mod tests {
    use super::super::policy::tests::policy;
    use super::*;

    #[test]
    fn alarms_grow_louder_towards_the_deadline() {
        let deadline_at = Timestamp::from_millis(100 * HOUR_MS).unwrap();
        let due = Due { deadline_at, rises_at: deadline_at.plus_millis(-6 * HOUR_MS) };
        let alarm = |left: i64, base_fee: u128, on_cap| {
            let now = deadline_at.plus_millis(-left);
            policy(on_cap).alarm(now, due, Some(base_fee), 100)
        };
        let both = [OnCap::BreachBudget, OnCap::BreachPromise];
        for on_cap in both {
            assert_eq!(alarm(7 * HOUR_MS, 100, on_cap), None);
            assert_eq!(alarm(7 * HOUR_MS, 101, on_cap), Some(FeeAlarm::BelowMarket));
            assert_eq!(alarm(6 * HOUR_MS, 1, on_cap), Some(FeeAlarm::Warn));
            assert_eq!(alarm(4 * HOUR_MS + 1, 1, on_cap), Some(FeeAlarm::Warn));
            assert_eq!(alarm(4 * HOUR_MS, 5_000, on_cap), Some(FeeAlarm::Page));
            assert_eq!(alarm(HOUR_MS, 1_000, on_cap), Some(FeeAlarm::Page));
        }
        let decided = both.map(|on_cap| alarm(HOUR_MS, 1_001, on_cap));
        assert_eq!(decided, [Some(FeeAlarm::BudgetBreached), Some(FeeAlarm::PromiseBreached)]);
        assert!(FeeAlarm::Warn < FeeAlarm::Page && FeeAlarm::Page < FeeAlarm::PromiseBreached);
    }

    #[test]
    fn without_a_quote_only_time_counts() {
        let deadline_at = Timestamp::from_millis(100 * HOUR_MS).unwrap();
        let due = Due { deadline_at, rises_at: deadline_at };
        let policy = policy(OnCap::BreachPromise);
        assert_eq!(policy.alarm(deadline_at, due, None, 100), Some(FeeAlarm::Page));
        let early = deadline_at.plus_millis(-7 * HOUR_MS);
        assert_eq!(policy.alarm(early, due, None, 100), None);
    }
}
