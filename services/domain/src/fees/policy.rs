//! At which fee.

use proof::Timestamp;

use super::{FeeOutlook, FeeQuote, Fees, MAX_BASE_FEE};

/// What happens when the budget does not suffice as the deadline comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCap {
    /// Pay what it takes.
    BreachBudget,
    /// Keep to the budget and be late.
    BreachPromise,
}

/// The fee policy of a chain profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeePolicy {
    /// The usual cap on the fee per gas, while there are less than two days of history.
    pub usual_cap: u128,
    /// The cap on the fee per gas that the usual one doubles up to, hourly, once it rises.
    pub budget_cap: u128,
    /// No fee is above this, whatever the promise: the signer signs no higher one.
    pub hard_cap: u128,
    /// Largest priority fee of a first attempt; later ones rise from there, as pools demand.
    pub max_priority_fee: u128,
    /// Time before the deadline at which the cap begins to rise for what has no timing of its own
    /// (revocations), in milliseconds.
    pub escalate_before_ms: i64,
    /// Time before the deadline at which `on_cap` decides, in milliseconds.
    pub decide_before_ms: i64,
    pub on_cap: OnCap,
    /// Blocks without inclusion before the next attempt.
    pub bump_after_blocks: u64,
}

/// What the cap depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub deadline_at: Timestamp,
    /// From here on the cap doubles every hour.
    pub rises_at: Timestamp,
}

/// What a node asks for that no chain ever did, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsurdFee {
    Base(u128),
    Tip(u128),
}

impl AbsurdFee {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base(_) => "base-fee",
            Self::Tip(_) => "tip",
        }
    }
}

const HOUR_MS: i64 = 3_600_000;
/// A tip is absurd from this many times the largest of a first attempt.
const ABSURD_TIP: u128 = 10;

impl FeePolicy {
    /// The usual cap: twice what 95 % of the last week did not exceed, and the largest first tip,
    /// within the budget; as configured while there is not enough history. The tip is beside it
    /// because samples are base fees, which on some chains are far below every tip that is taken.
    #[must_use]
    pub fn usual_cap(&self, outlook: &FeeOutlook) -> u128 {
        let usual = outlook.usual_high().map_or(self.usual_cap, |high| {
            high.saturating_mul(2).saturating_add(self.max_priority_fee)
        });
        usual.min(self.budget_cap).min(self.hard_cap).max(1)
    }

    /// The cap at `now`: the usual one at first; from `rises_at` on doubling every hour up to the
    /// budget; at the end as `on_cap` says.
    #[must_use]
    pub fn cap(&self, now: Timestamp, due: Due, usual_cap: u128) -> u128 {
        let left = due.deadline_at.since(now);
        if left <= self.decide_before_ms && self.on_cap == OnCap::BreachBudget {
            return self.hard_cap;
        }
        let budget = self.budget_cap.min(self.hard_cap);
        let late = now.since(due.rises_at);
        if late <= 0 {
            return usual_cap.min(budget);
        }
        let doublings = u32::try_from(late / HOUR_MS + 1).unwrap_or(u32::MAX).min(64);
        let factor = 1_u128.checked_shl(doublings).unwrap_or(u128::MAX);
        usual_cap.saturating_mul(factor).min(budget)
    }

    /// The quote as far as it is believed, and what of it is not. A tip is alarming far above the
    /// largest that is ever paid at first; below that it is clamped silently, as chains get busy.
    #[must_use]
    pub fn believed(&self, quote: FeeQuote) -> (FeeQuote, Option<AbsurdFee>) {
        let most = self.max_priority_fee.saturating_mul(ABSURD_TIP);
        let absurd = if quote.base_fee > MAX_BASE_FEE {
            Some(AbsurdFee::Base(quote.base_fee))
        } else if quote.priority_fee > most {
            Some(AbsurdFee::Tip(quote.priority_fee))
        } else {
            None
        };
        let believed = FeeQuote {
            base_fee: quote.base_fee.min(MAX_BASE_FEE),
            priority_fee: quote.priority_fee.min(self.max_priority_fee),
        };
        (believed, absurd)
    }

    fn wanted(&self, quote: FeeQuote) -> Fees {
        let max_priority_fee = quote.priority_fee.min(self.max_priority_fee);
        let max_fee = quote.base_fee.saturating_mul(2).saturating_add(max_priority_fee);
        Fees { max_fee, max_priority_fee }
    }

    /// Fees of a first attempt: twice the base fee and the tip, within the cap.
    #[must_use]
    pub fn first(&self, quote: FeeQuote, cap: u128) -> Fees {
        let wanted = self.wanted(quote);
        let max_fee = wanted.max_fee.min(cap).max(1);
        Fees { max_fee, max_priority_fee: wanted.max_priority_fee.min(max_fee) }
    }

    /// Fees of the attempt after `last`: both at least ×1.125 (nodes refuse less), following the
    /// market; `None` when that is above the cap, so the last attempt is sent again unchanged.
    #[must_use]
    pub fn bump(&self, last: Fees, quote: FeeQuote, cap: u128) -> Option<Fees> {
        let wanted = self.wanted(quote);
        let raised = |fee: u128| fee.saturating_add(fee / 8).saturating_add(1);
        let max_priority_fee = raised(last.max_priority_fee);
        let least = raised(last.max_fee).max(max_priority_fee);
        let max_fee = wanted.max_fee.max(least).min(cap);
        if max_fee < least {
            return None;
        }
        let max_priority_fee = max_priority_fee.max(wanted.max_priority_fee.min(max_fee));
        Some(Fees { max_fee, max_priority_fee })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in super::super) fn policy(on_cap: OnCap) -> FeePolicy {
        FeePolicy {
            usual_cap: 100,
            budget_cap: 1000,
            hard_cap: 5000,
            max_priority_fee: 10,
            escalate_before_ms: 6 * HOUR_MS,
            decide_before_ms: HOUR_MS,
            on_cap,
            bump_after_blocks: 5,
        }
    }

    #[test]
    fn cap_rises_towards_the_deadline() {
        let deadline = Timestamp::from_millis(100 * HOUR_MS).unwrap();
        let due = Due { deadline_at: deadline, rises_at: deadline.plus_millis(-6 * HOUR_MS) };
        let cap = |left: i64, on_cap| policy(on_cap).cap(deadline.plus_millis(-left), due, 100);
        assert_eq!(cap(6 * HOUR_MS, OnCap::BreachBudget), 100);
        assert_eq!(cap(5 * HOUR_MS + 1, OnCap::BreachBudget), 200);
        assert_eq!(cap(4 * HOUR_MS, OnCap::BreachBudget), 800);
        assert_eq!(cap(2 * HOUR_MS, OnCap::BreachBudget), 1000);
        assert_eq!(cap(HOUR_MS, OnCap::BreachBudget), 5000);
        assert_eq!(cap(HOUR_MS, OnCap::BreachPromise), 1000);
        assert_eq!(cap(-50 * HOUR_MS, OnCap::BreachPromise), 1000);
    }

    #[test]
    fn an_absurd_tip_is_clamped() {
        let quote = FeeQuote { base_fee: 7, priority_fee: u128::MAX };
        let fees = policy(OnCap::BreachBudget).first(quote, u128::MAX);
        assert_eq!(fees, Fees { max_fee: 24, max_priority_fee: 10 });
    }

    #[test]
    fn what_is_absurd_is_said() {
        let believed = |base_fee, priority_fee| {
            policy(OnCap::BreachBudget).believed(FeeQuote { base_fee, priority_fee })
        };
        let quote = |base_fee, priority_fee| FeeQuote { base_fee, priority_fee };
        assert_eq!(believed(7, 3), (quote(7, 3), None));
        assert_eq!(believed(7, 100), (quote(7, 10), None));
        assert_eq!(believed(7, 101), (quote(7, 10), Some(AbsurdFee::Tip(101))));
        let absurd = Some(AbsurdFee::Base(u128::MAX));
        assert_eq!(believed(u128::MAX, 1), (quote(MAX_BASE_FEE, 1), absurd));
    }

    proptest! {
        #[test]
        fn bumps_rise_enough_and_stay_under_the_cap(
            base in 0_u128..1 << 60, tip in 0_u128..1 << 60, cap in 1_u128..1 << 61, steps in 1..20,
        ) {
            let policy = FeePolicy { max_priority_fee: 1 << 40, ..policy(OnCap::BreachPromise) };
            let quote = FeeQuote { base_fee: base, priority_fee: tip };
            let mut last = policy.first(quote, cap);
            prop_assert!(last.max_priority_fee <= last.max_fee);
            for _ in 0..steps {
                let Some(next) = policy.bump(last, quote, cap) else { break };
                prop_assert!(next.max_fee * 8 >= last.max_fee * 9);
                prop_assert!(next.max_priority_fee * 8 >= last.max_priority_fee * 9);
                prop_assert!(next.max_priority_fee <= next.max_fee);
                prop_assert!(next.max_fee <= cap);
                last = next;
            }
        }
    }
}
