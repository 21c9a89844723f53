//! Whether to send now or to wait for cheaper blocks.

use proof::Timestamp;

use super::{Due, FeeOutlook};
use crate::StreamView;

/// When transactions of a kind are first sent, per chain profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendTiming {
    /// At this age it is sent whatever it costs, in milliseconds from the start of the promise's
    /// window; 0: always at once.
    pub latest_first_send_ms: i64,
    /// Between two first sends for which badges are gathered, in milliseconds.
    pub min_interval_ms: i64,
    /// Time before the deadline at which the cap on the fee begins to rise, in milliseconds.
    pub escalate_before_ms: i64,
}

/// Why it is sent or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecisionReason {
    /// `latest_first_send` is reached.
    Latest,
    /// Nothing is known of the last week's fees.
    NoHistory,
    /// About as low as may be expected of the time that is left.
    Low,
    /// As low as demanded at this age, by a history of less than two days.
    LowSoFar,
    /// Lower fees are to be expected in the time that is left.
    LowerExpected,
    /// Lower fees were seen lately.
    LowerSeen,
    /// The present base fee is not known: no node answers, no sample is fresh.
    NoQuote,
    /// The last first send was less than `min_interval` ago.
    Interval,
}

impl DecisionReason {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::NoHistory => "no-history",
            Self::Low => "low",
            Self::LowSoFar => "low-so-far",
            Self::LowerExpected => "lower-expected",
            Self::LowerSeen => "lower-seen",
            Self::NoQuote => "no-quote",
            Self::Interval => "interval",
        }
    }
}

/// To send or to wait, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    pub reason: DecisionReason,
    /// In wei per gas, where it was looked at.
    pub base_fee: Option<u128>,
    /// It is sent up to this base fee, in wei per gas, where fees decide.
    pub bar: Option<u128>,
}

impl Decision {
    /// Whether it is to be sent now.
    #[must_use]
    pub const fn sends(&self) -> bool {
        use DecisionReason::{Latest, Low, LowSoFar, NoHistory};
        matches!(self.reason, Latest | NoHistory | Low | LowSoFar)
    }
}

/// Of the expected low: what is this much above it, in per mille, is as low.
const TOLERANCE: u128 = 1_100;

impl SendTiming {
    /// Without waiting.
    #[must_use]
    pub const fn at_once(escalate_before_ms: i64) -> Self {
        Self { latest_first_send_ms: 0, min_interval_ms: 0, escalate_before_ms }
    }

    /// What the cap on fees depends on, for this deadline.
    #[must_use]
    pub fn due(&self, deadline_at: Timestamp) -> Due {
        Due { deadline_at, rises_at: deadline_at.plus_millis(-self.escalate_before_ms) }
    }

    /// Whether a batch whose promise is `age_ms` old is sent at this base fee (`None`: not known).
    #[must_use]
    pub fn decide(&self, age_ms: i64, base_fee: Option<u128>, outlook: &FeeOutlook) -> Decision {
        use DecisionReason::{Latest, Low, LowSoFar, LowerExpected, LowerSeen, NoHistory, NoQuote};
        let decided = |reason, bar| Decision { reason, base_fee, bar };
        // the learner's acceptance may lie a little ahead of our clock
        let age_ms = age_ms.max(0);
        let left_ms = self.latest_first_send_ms.saturating_sub(age_ms);
        if left_ms <= 0 {
            return decided(Latest, None);
        }
        if outlook.is_blank() {
            return decided(NoHistory, None);
        }
        let Some(base) = base_fee else { return decided(NoQuote, None) };
        if let Some(low) = outlook.expected_low(left_ms) {
            let bar = low.saturating_mul(TOLERANCE) / 1_000;
            return decided(if base <= bar { Low } else { LowerExpected }, Some(bar));
        }
        let bar = outlook.quantile(self.demanded_permille(age_ms));
        let low = bar.is_none_or(|bar| base <= bar);
        decided(if low { LowSoFar } else { LowerSeen }, bar)
    }

    /// Which part of all fees is low enough at this age: a tenth at first, all at the end, rising
    /// with the square of the age.
    fn demanded_permille(&self, age_ms: i64) -> u32 {
        let share = i128::from(age_ms) * 1_000 / i128::from(self.latest_first_send_ms.max(1));
        u32::try_from(100 + 900 * share * share / 1_000_000).unwrap_or(1_000).min(1_000)
    }

    /// Whether the open badges of a stream are cut into a batch that is sent at once. They gather
    /// for `min_interval` after the last first send of their kind, and those that reach
    /// `latest_first_send` by waiting here wait no longer; those that come in that old do.
    #[must_use]
    pub fn gather(
        &self,
        now: Timestamp,
        view: &StreamView,
        base_fee: Option<u128>,
        outlook: &FeeOutlook,
        last_first_send: Option<Timestamp>,
    ) -> Decision {
        let age_ms = view
            .open_deadline_at
            .map_or(0, |deadline_at| view.stream.promise_ms.saturating_sub(deadline_at.since(now)));
        let decision = self.decide(age_ms, base_fee, outlook);
        let within = |since: Timestamp| (0..self.min_interval_ms).contains(&now.since(since));
        let is_young =
            decision.reason != DecisionReason::Latest || view.open_since.is_none_or(within);
        if decision.sends() && is_young && last_first_send.is_some_and(within) {
            return Decision { reason: DecisionReason::Interval, ..decision };
        }
        decision
    }
}
