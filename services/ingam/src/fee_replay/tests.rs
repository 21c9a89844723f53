//! What the bundled trace costs, and that no plateau anywhere breaks a promise.

use domain::{FEE_SLOT_MS, FeePolicy, FeeSample, OnCap, SendTiming};
use proof::Timestamp;

use super::*;
use crate::config::Profile;

const HOUR_MS: i64 = 3_600_000;
const PROMISE_MS: i64 = 24 * HOUR_MS;
const BUNDLED: &str = include_str!("../../../../deploy/fees/synthetic-l1.csv");
const GWEI: u128 = 1_000_000_000;

/// As `ingam fees simulate --latest-first-send`.
fn setup(latest_hours: i64) -> Setup {
    let defaults = Profile::L1.fee_defaults(PROMISE_MS).unwrap();
    let (seal, timing) = defaults.anchor;
    let latest_first_send_ms = latest_hours * HOUR_MS;
    Setup {
        seal,
        timing: SendTiming {
            latest_first_send_ms,
            escalate_before_ms: PROMISE_MS - latest_first_send_ms,
            ..timing
        },
        fees: FeePolicy { on_cap: OnCap::BreachBudget, ..defaults.fees },
        promise_ms: PROMISE_MS,
        badges_per_day: 200,
        gas: 47_855,
        gas_per_badge: 0,
        tip: 50_000_000,
        block_ms: 12_000,
    }
}

#[test]
fn waiting_saves_what_it_should_and_misses_nothing() {
    let trace = Trace::parse(BUNDLED).unwrap();
    let hourly = replay(&trace, &setup(6), Strategy::Hourly);
    let [long, short] = [18, 6].map(|hours| replay(&trace, &setup(hours), Strategy::DeadlineAware));
    assert!(long.cost * 100 <= hourly.cost * 15, "{} of {}", long.cost, hourly.cost);
    assert!(short.cost * 100 <= hourly.cost * 40, "{} of {}", short.cost, hourly.cost);
    for outcome in [&hourly, &long, &short] {
        assert_eq!(outcome.misses, 0, "{outcome:?}");
        assert!(outcome.unfinished < 200, "the last day's at most");
        let badges = outcome.delays.len() as u64 + outcome.unfinished;
        assert_eq!(badges, (90 * 144 - 1) * 200 / 144 + 1, "each badge once");
    }
    let daily = replay(&trace, &setup(6), Strategy::Daily);
    assert!(daily.misses > 0, "a blind batch a day breaks promises");
}

/// Ten days of half hours, cheap nights, and a plateau.
fn with_plateau(first_hour: i64, hours: i64, height: u128, noise: impl Fn(i64) -> u128) -> Trace {
    let sample = |step: i64| {
        let of_day =
            [6, 5, 4, 3, 4, 6, 9, 12, 15, 16, 15, 12, 10, 9, 9, 10, 12, 14, 15, 13, 11, 9, 8, 7];
        let hour = step / 2;
        let usual = of_day[usize::try_from(hour % 24).unwrap()] * GWEI / 4;
        let in_plateau = (first_hour..first_hour + hours).contains(&hour);
        let usual = usual * (80 + noise(step) % 40) / 100;
        FeeSample {
            at: Timestamp::from_millis(1_772_357_400_000 + step * 6 * FEE_SLOT_MS).unwrap(),
            base_fee: if in_plateau { usual * height } else { usual },
        }
    };
    Trace::of((0..10 * 48).map(sample).collect())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Wherever it begins, however high it is: with `breach_budget` each badge is in a block in time.
    #[test]
    fn no_plateau_breaks_a_promise(
        first_hour in 0_i64..200,
        hours in 1_i64..=30,
        height in 20_u128..=300,
        noise in proptest::prelude::any::<u64>(),
        latest in proptest::sample::select(vec![0, 6, 18, 20]),
    ) {
        let random = |step: i64| {
            let mixed = (noise ^ step.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            u128::from(mixed >> 40)
        };
        let trace = with_plateau(first_hour, hours, height, random);
        let outcome = replay(&trace, &setup(latest), Strategy::DeadlineAware);
        proptest::prop_assert_eq!(outcome.misses, 0, "{:?}", outcome);
    }
}

#[test]
fn a_budget_that_is_kept_breaks_the_promise_and_says_so() {
    let trace = with_plateau(100, 60, 300, |_| 20);
    let mut setup = setup(18);
    setup.fees.on_cap = OnCap::BreachPromise;
    setup.fees.budget_cap = 20 * GWEI;
    let kept = replay(&trace, &setup, Strategy::DeadlineAware);
    assert!(kept.misses > 0 && kept.budget_decisions > 0);
    let in_blocks = kept.delays.len() as u64 + kept.unfinished;
    assert_eq!(in_blocks, (10 * 48 - 1) * 200 / 48 + 1, "late, never dropped");
    setup.fees.on_cap = OnCap::BreachBudget;
    let paid = replay(&trace, &setup, Strategy::DeadlineAware);
    assert_eq!(paid.misses, 0);
    assert!(paid.cost > kept.cost && paid.budget_decisions > 0);
}

#[test]
fn the_report_compares_with_the_hourly_policy() {
    let trace = with_plateau(50, 5, 20, |_| 20);
    let outcomes = Strategy::ALL.map(|strategy| replay(&trace, &setup(6), strategy));
    let shown = table(&outcomes);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(lines[3].starts_with("hourly") && lines[3].contains("100.0 %"), "{shown}");
    let printed = json(&outcomes);
    let policies = printed["policies"].as_array().unwrap();
    assert_eq!(policies[2]["percentOfHourly"], 100.0);
    assert_eq!(policies[0]["missed"], 0);
    let cost: u128 = policies[0]["costWei"].as_str().unwrap().parse().unwrap();
    assert_eq!(cost, outcomes[0].cost);
}
