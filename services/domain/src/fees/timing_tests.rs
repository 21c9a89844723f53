//! To send or to wait.

use proof::{Address, Timestamp};
use proptest::prelude::*;

use super::history::{FEE_SLOT_MS, FeeHistory, FeeSample, SLOTS_PER_DAY};
use super::outlook::FeeOutlook;
use super::timing::{Decision, DecisionReason as Reason, SendTiming};
use crate::{Position, Stream, StreamId, StreamKind, StreamView};

const HOUR_MS: i64 = 3_600_000;
const PROMISE_MS: i64 = 24 * HOUR_MS;
const TIMING: SendTiming = SendTiming {
    latest_first_send_ms: 18 * HOUR_MS,
    min_interval_ms: HOUR_MS,
    escalate_before_ms: 6 * HOUR_MS,
};

fn now() -> Timestamp {
    Timestamp::from_millis(100 * SLOTS_PER_DAY * FEE_SLOT_MS).unwrap()
}

fn outlook(days: i64, fees: impl Fn(i64) -> u128) -> FeeOutlook {
    let sample =
        |slot: i64| FeeSample { at: now().plus_millis(-slot * FEE_SLOT_MS), base_fee: fees(slot) };
    FeeOutlook::at(now(), &(0..days * SLOTS_PER_DAY).map(sample).collect::<FeeHistory>())
}

#[test]
fn each_rule_gives_its_reason() {
    let week = outlook(8, |_| 100);
    let decide = |age, base, outlook: &FeeOutlook| {
        let decision = TIMING.decide(age, base, outlook);
        (decision.reason, decision.sends(), decision.bar)
    };
    assert_eq!(decide(0, Some(110), &week), (Reason::Low, true, Some(110)));
    assert_eq!(decide(0, Some(111), &week), (Reason::LowerExpected, false, Some(110)));
    let last = 18 * HOUR_MS;
    assert_eq!(decide(last - 1, Some(111), &week), (Reason::LowerExpected, false, Some(110)));
    assert_eq!(decide(last, Some(u128::MAX), &week), (Reason::Latest, true, None));
    assert_eq!(decide(last, None, &week), (Reason::Latest, true, None));
    assert_eq!(decide(0, None, &week), (Reason::NoQuote, false, None));
    assert_eq!(decide(-1, Some(9_999), &FeeOutlook::default()), (Reason::NoHistory, true, None));
    assert_eq!(decide(-1, None, &FeeOutlook::default()), (Reason::NoHistory, true, None));
}

#[test]
fn a_short_history_demands_less_with_age() {
    // 288 samples, 1 to 288
    let day = outlook(1, |slot| 1 + slot as u128);
    let bar = |hours: i64| TIMING.decide(hours * HOUR_MS, Some(1), &day).bar;
    assert_eq!([bar(0), bar(9), bar(17)], [Some(29), Some(94), Some(259)]);
    let reason = |base| TIMING.decide(9 * HOUR_MS, Some(base), &day).reason;
    assert_eq!([reason(94), reason(95)], [Reason::LowSoFar, Reason::LowerSeen]);
}

#[test]
fn without_waiting_nothing_is_looked_at() {
    let timing = SendTiming::at_once(HOUR_MS);
    for age in [-HOUR_MS, 0, PROMISE_MS] {
        assert_eq!(timing.decide(age, None, &outlook(8, |_| 1)).reason, Reason::Latest);
    }
}

/// Open badges, the oldest of which came in `waited_ms` ago with this much of its promise gone.
fn open(waited_ms: i64, age_ms: i64) -> StreamView {
    let first = Position::first_of(StreamId(1));
    StreamView {
        stream: Stream {
            id: StreamId(1),
            chain_id: 1,
            registry: Address::default(),
            service: "test".into(),
            kind: StreamKind::Anchor,
            shard: 0,
            promise_ms: PROMISE_MS,
        },
        open_from: first,
        next: first.plus(1),
        open_since: Some(now().plus_millis(-waited_ms)),
        open_deadline_at: Some(now().plus_millis(PROMISE_MS - age_ms)),
        cut: Vec::new(),
    }
}

#[test]
fn badges_gather_between_two_sends() {
    let week = outlook(8, |_| 100);
    let reason = |waited, age, last: Option<i64>| {
        let last = last.map(|ago| now().plus_millis(-ago));
        TIMING.gather(now(), &open(waited, age), Some(100), &week, last).reason
    };
    assert_eq!(reason(5, 5, None), Reason::Low);
    assert_eq!(reason(5, 5, Some(HOUR_MS)), Reason::Low);
    assert_eq!(reason(5, 5, Some(HOUR_MS - 1)), Reason::Interval);
    assert_eq!(reason(5, 5, Some(-1)), Reason::Low, "a clock that went back holds nothing up");
    // came in late: it gathers with others; waited here: it goes
    let late = 19 * HOUR_MS;
    assert_eq!(reason(5, late, Some(5)), Reason::Interval);
    assert_eq!(reason(late, late, Some(5)), Reason::Latest);
    assert_eq!(reason(5, late, None), Reason::Latest);
}

proptest! {
    /// At `latest_first_send` it is sent, whatever the fees are and were.
    #[test]
    fn nothing_holds_up_the_promise(
        fees in prop::collection::vec(any::<u128>(), 0..900),
        base in any::<Option<u128>>(),
        latest in 0..PROMISE_MS,
        over in 0..PROMISE_MS,
    ) {
        let outlook = outlook(3, |slot| fees.get(slot as usize).copied().unwrap_or(1));
        let timing = SendTiming { latest_first_send_ms: latest, ..TIMING };
        prop_assert!(timing.decide(latest + over, base, &outlook).sends());
        // and of badges that waited here for as long as that, at once
        let view = open(latest.max(HOUR_MS), latest + over);
        let decision = timing.gather(now(), &view, base, &outlook, Some(now()));
        prop_assert!(decision.sends(), "{decision:?}");
    }

    /// If it sends at a base fee, it sends at every lower one, and so it does later on a calm chain.
    #[test]
    fn lower_fees_never_wait_longer(
        fees in prop::collection::vec(1_u128..1 << 50, 300..2_304),
        base in 0_u128..1 << 50,
        lower in 0_u128..1 << 50,
        age in 0..PROMISE_MS,
    ) {
        let outlook = outlook(8, |slot| fees[slot as usize % fees.len()]);
        let decide = |base| -> Decision { TIMING.decide(age, Some(base), &outlook) };
        let (high, low) = (base.max(lower), base.min(lower));
        prop_assert!(!decide(high).sends() || decide(low).sends());
        let later = TIMING.decide(age + HOUR_MS, Some(low), &outlook);
        prop_assert!(!decide(low).sends() || later.sends());
    }
}
