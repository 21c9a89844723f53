//! What is expected, on histories made for it.

use proof::Timestamp;
use proptest::prelude::*;

use super::history::{DAY_MS, FEE_SLOT_MS, FeeHistory, FeeSample, SLOTS_PER_DAY};
use super::outlook::FeeOutlook;

const NOW_SLOT: i64 = 100 * SLOTS_PER_DAY;

fn time(slot: i64) -> Timestamp {
    Timestamp::from_millis(slot * FEE_SLOT_MS).unwrap()
}

/// Samples of the slots before `NOW_SLOT`, as far back as `days`.
fn history(days: i64, fee: impl Fn(i64) -> u128) -> FeeHistory {
    let slots = NOW_SLOT - days * SLOTS_PER_DAY..=NOW_SLOT;
    slots.map(|slot| FeeSample { at: time(slot), base_fee: fee(slot) }).collect()
}

fn outlook(days: i64, fee: impl Fn(i64) -> u128) -> FeeOutlook {
    FeeOutlook::at(time(NOW_SLOT), &history(days, fee))
}

const HOUR_MS: i64 = DAY_MS / 24;
/// The slot of the day in hours.
fn hour(slot: i64) -> i64 {
    slot.rem_euclid(SLOTS_PER_DAY) / 12
}

#[test]
fn the_low_of_the_same_hours_is_expected() {
    // cheap from three to five o'clock; it is midnight
    let nightly = outlook(8, |slot| if (3..5).contains(&hour(slot)) { 10 } else { 100 });
    assert_eq!(nightly.expected_low(2 * HOUR_MS), Some(100));
    assert_eq!(nightly.expected_low(3 * HOUR_MS), Some(10));
    assert_eq!(nightly.expected_low(30 * HOUR_MS), Some(10), "a day at most counts");
}

#[test]
fn one_cheap_day_is_not_expected_again() {
    let once = outlook(8, |slot| if slot < NOW_SLOT - 6 * SLOTS_PER_DAY { 1 } else { 100 });
    assert_eq!(once.expected_low(6 * HOUR_MS), Some(100));
}

#[test]
fn the_level_of_the_last_day_scales() {
    let risen = |slot| if slot >= NOW_SLOT - SLOTS_PER_DAY { 300 } else { 100 };
    assert_eq!(outlook(8, risen).expected_low(HOUR_MS), Some(300));
}

#[test]
fn two_days_are_the_least() {
    let calm = |_| 7;
    assert_eq!(outlook(1, calm).expected_low(HOUR_MS), None);
    assert_eq!(outlook(1, calm).usual_high(), None);
    assert_eq!(outlook(1, calm).quantile(500), Some(7));
    assert_eq!(outlook(2, calm).expected_low(HOUR_MS), Some(7));
    assert_eq!(outlook(2, calm).usual_high(), Some(7));
    assert!(FeeOutlook::at(time(NOW_SLOT), &FeeHistory::default()).is_blank());
}

#[test]
fn the_usual_cap_is_twice_what_is_usual_and_a_tip() {
    use super::policy::tests::policy;
    let policy = policy(super::OnCap::BreachPromise);
    let cap = |days, fee: u128| policy.usual_cap(&outlook(days, |_| fee));
    assert_eq!(cap(1, 7), 100, "as configured while there is not enough history");
    assert_eq!(cap(8, 7), 2 * 7 + 10);
    assert_eq!(cap(8, 600), 1_000, "never above the budget");
    // a spike of eight hours in a week is nothing usual
    let spiky = outlook(8, |slot| if slot > NOW_SLOT - 8 * 12 { 90 } else { 7 });
    assert_eq!(policy.usual_cap(&spiky), 24);
}

#[test]
fn quantiles_are_of_the_last_week() {
    let rising = outlook(8, |slot| (slot - NOW_SLOT + 8 * SLOTS_PER_DAY) as u128);
    assert_eq!(rising.quantile(0), Some(288));
    assert_eq!(rising.quantile(1_000), Some(8 * 288));
    assert_eq!(rising.quantile(500), Some(288 + 1_008));
    assert_eq!(rising.usual_high(), Some(288 + 1_915));
}

#[test]
fn a_stale_sample_says_nothing_of_now() {
    let old = history(3, |_| 7);
    let at = |slots| FeeOutlook::at(time(NOW_SLOT + slots), &old).base_fee();
    assert_eq!([at(0), at(2), at(3)], [Some(7), Some(7), None]);
    assert_eq!(FeeOutlook::at(time(NOW_SLOT + 9 * SLOTS_PER_DAY), &old), FeeOutlook::default());
    // the clock went back: what it says was sampled later is not looked at
    assert!(FeeOutlook::at(time(NOW_SLOT - 4 * SLOTS_PER_DAY), &old).is_blank());
}

proptest! {
    /// Whatever the samples are, no expectation lies outside what they span, once scaled by at most
    /// the span itself.
    #[test]
    fn any_history_gives_sane_answers(
        samples in prop::collection::vec((-20_000_i64..3_000, any::<u128>()), 0..600),
        window in any::<i64>(),
        permille in any::<u32>(),
    ) {
        let history: FeeHistory = samples
            .iter()
            .map(|(slot, base_fee)| FeeSample { at: time(NOW_SLOT + slot), base_fee: *base_fee })
            .collect();
        let outlook = FeeOutlook::at(time(NOW_SLOT), &history);
        let seen = || samples.iter().filter(|(slot, _)| (-2_016..=0).contains(slot));
        prop_assert_eq!(outlook.is_blank(), seen().next().is_none());
        prop_assert_eq!(outlook.quantile(permille).is_none(), outlook.is_blank());
        let _ = outlook.expected_low(window);
        let lowest = seen().map(|(_, fee)| *fee).min();
        if let (Some(quantile), Some(lowest)) = (outlook.quantile(permille), lowest) {
            prop_assert!(quantile >= lowest.min(super::MAX_BASE_FEE));
        }
    }

    /// The longer it may wait, the less is expected, where no day of the week is missing.
    #[test]
    fn more_time_never_expects_more(fees in prop::collection::vec(0_u128..1 << 40, 2_017..2_304)) {
        let first = NOW_SLOT - fees.len() as i64 + 1;
        let samples = fees.iter().zip(first..);
        let history: FeeHistory =
            samples.map(|(fee, slot)| FeeSample { at: time(slot), base_fee: *fee }).collect();
        let outlook = FeeOutlook::at(time(NOW_SLOT), &history);
        let mut last = u128::MAX;
        for hours in 0..24 {
            let low = outlook.expected_low(hours * HOUR_MS);
            prop_assert!(low.is_some_and(|low| low <= last), "{low:?} after {last}");
            last = low.unwrap_or_default();
        }
    }
}
