//! What the chain asked for in the last eight days.

use std::collections::BTreeMap;

use proof::Timestamp;

/// One sample is kept of each such stretch of time, in milliseconds.
pub const FEE_SLOT_MS: i64 = 300_000;
/// No base fee is believed above this, in wei per gas: a thousand times the highest that a main net
/// has asked for over a day. It fits every database's integer.
pub const MAX_BASE_FEE: u128 = 1_000_000_000_000_000;

pub(super) const DAY_MS: i64 = 86_400_000;
pub(super) const SLOTS_PER_DAY: i64 = DAY_MS / FEE_SLOT_MS;
/// Eight days: the last week, and the day that its first window reaches back into.
pub(super) const MAX_SLOTS: i64 = 8 * SLOTS_PER_DAY;

/// What a node said of the newest block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeSample {
    pub at: Timestamp,
    /// In wei per gas.
    pub base_fee: u128,
}

impl FeeSample {
    /// The sample as it is kept: no base fee above [`MAX_BASE_FEE`].
    #[must_use]
    pub fn clamped(self) -> Self {
        Self { base_fee: self.base_fee.min(MAX_BASE_FEE), ..self }
    }

    /// Number of the stretch of time that it stands for.
    #[must_use]
    pub const fn slot(&self) -> i64 {
        slot_of(self.at)
    }
}

pub(super) const fn slot_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(FEE_SLOT_MS)
}

/// Samples by slot, eight days of them at most. They may come in any order, with gaps, and with
/// times from a clock that was wrong: what lies in the future is kept and not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeeHistory {
    slots: BTreeMap<i64, u128>,
}

impl FeeHistory {
    /// Adds a sample, clamped; the first of a slot stands. When there are too many the oldest go.
    pub fn record(&mut self, sample: FeeSample) {
        let base_fee = sample.clamped().base_fee;
        self.slots.entry(sample.slot()).or_insert(base_fee);
        while self.slots.len() as i64 > MAX_SLOTS {
            self.slots.pop_first();
        }
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the slot of `now` has its sample.
    #[must_use]
    pub fn has(&self, now: Timestamp) -> bool {
        self.slots.contains_key(&slot_of(now))
    }

    /// Samples of slots `from..=to`, by time.
    pub(super) fn between(
        &self,
        from: i64,
        to: i64,
    ) -> impl DoubleEndedIterator<Item = (i64, u128)> + '_ {
        // an inverted range would panic
        self.slots.range(from..=to.max(from)).map(|(slot, base_fee)| (*slot, *base_fee))
    }
}

impl FromIterator<FeeSample> for FeeHistory {
    fn from_iter<I: IntoIterator<Item = FeeSample>>(samples: I) -> Self {
        let mut history = Self::default();
        for sample in samples {
            history.record(sample);
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(slot: i64, base_fee: u128) -> FeeSample {
        FeeSample { at: Timestamp::from_millis(slot * FEE_SLOT_MS + 7).unwrap(), base_fee }
    }

    #[test]
    fn the_first_of_a_slot_stands_and_the_absurd_is_clamped() {
        let history: FeeHistory =
            [sample(9, 5), sample(9, 6), sample(8, u128::MAX)].into_iter().collect();
        assert_eq!(history.between(0, 99).collect::<Vec<_>>(), [(8, MAX_BASE_FEE), (9, 5)]);
        assert!(history.has(sample(9, 0).at) && !history.has(sample(10, 0).at));
        assert_eq!(history.between(9, 0).count(), 1, "an inverted range is its beginning");
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_keeps_the_newest(slots in prop::collection::vec(0_i64..20_000, 0..3_000)) {
            let history: FeeHistory = slots.iter().map(|slot| sample(*slot, 1)).collect();
            let mut newest: Vec<_> = slots.clone();
            newest.sort_unstable();
            newest.dedup();
            prop_assert_eq!(history.len(), newest.len().min(MAX_SLOTS as usize));
            if let Some(last) = newest.last() {
                prop_assert_eq!(history.between(0, 20_000).next_back(), Some((*last, 1)));
            }
        }
    }
}
