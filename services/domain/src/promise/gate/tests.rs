use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::promise::clocks::Clocks;
use crate::promise::pulse::{Pulse, Seen};
use crate::{BlockedReason, PAGE_MS, WARN_MS};

const HOUR: i64 = 3_600_000;
const POLICY: GatePolicy = GatePolicy {
    promise_ms: 24 * HOUR,
    at_risk_ms: HOUR / 2,
    batch_badges: 100,
    batches_at_once: 4,
};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_772_357_400_000 + millis).unwrap()
}

/// A service without a care, in front of a chain that was seen a moment ago.
fn calm() -> Standing {
    let clocks = Clocks { host: at(0), database: Some(at(0)), chain: Some(at(0)), settled: true };
    Standing {
        chain_id: 1,
        at: at(0),
        clocks,
        open: 0,
        included: 0,
        overdue: 0,
        late: 0,
        breaches: 0,
        oldest_open_at: None,
        next_deadline_at: None,
        waiting_deadline_at: None,
        stuck_deadline_at: None,
        waiting_since: None,
        included_since: None,
        waiting_batches: 0,
        uncut: 0,
        blocked: None,
        pace_ms: None,
        least_margin_ms: None,
        pulse: Some(pulse(0, 0, 0, 0)),
        gate: Gate::Open,
    }
}

/// Milliseconds since an answer, a head, a final block and a worker were last seen.
fn pulse(answered: i64, head: i64, finalized: i64, worker: i64) -> Pulse {
    Pulse {
        since: at(-1000 * HOUR),
        looked_at: at(0),
        worker_at: Some(at(-worker)),
        answered_at: Some(at(-answered)),
        seen: Some(Seen { head: 9, head_time: at(-head), finalized: 5 }),
        head_at: Some(at(-head)),
        finalized_at: Some(at(-finalized)),
        offset_ms: None,
        quiet_looks: 0,
    }
}

fn closes(facts: &Standing) -> Option<ClosedReason> {
    match POLICY.judge(Gate::Open, facts) {
        Gate::Open => None,
        Gate::Closed { reason, since } => {
            assert_eq!(since, facts.at);
            Some(reason)
        }
    }
}

fn opens(facts: &Standing) -> bool {
    let closed = Gate::Closed { reason: ClosedReason::Overdue, since: at(-HOUR) };
    POLICY.judge(closed, facts) == Gate::Open
}

#[test]
fn each_cause_closes_where_it_should_and_opens_later() {
    let waiting = Standing { open: 1, waiting_since: Some(at(-9 * HOUR)), ..calm() };
    let included = Standing { open: 1, included: 1, included_since: Some(at(-9 * HOUR)), ..calm() };
    let stuck = |left: i64| Standing { stuck_deadline_at: Some(at(left)), ..waiting };
    let seen = |pulse| Standing { pulse: Some(pulse), ..waiting };
    let blocked =
        |since: i64| Standing { blocked: Some((BlockedReason::Funds, at(-since))), ..waiting };
    let queue =
        |batches, pace| Standing { waiting_batches: batches, pace_ms: Some(pace), ..waiting };
    let clock = |off| {
        let clocks = Clocks { host: at(0), database: Some(at(off)), chain: None, settled: true };
        Standing { clocks, ..calm() }
    };
    let stall = 6 * HOUR;
    // (facts just before it closes, at that point, where a closed gate opens again)
    use ClosedReason as R;
    for (reason, before, then, calmer) in [
        (R::DeadlineNear, stuck(PAGE_MS), stuck(PAGE_MS - 1), stuck(WARN_MS)),
        (
            R::ChainUnreachable,
            seen(pulse(stall - 1, 0, 0, 0)),
            seen(pulse(stall, 0, 0, 0)),
            waiting,
        ),
        (R::ChainHalted, seen(pulse(0, stall - 1, 0, 0)), seen(pulse(0, stall, 0, 0)), waiting),
        (R::NoWorker, seen(pulse(0, 0, 0, stall - 1)), seen(pulse(0, 0, 0, stall)), waiting),
        (R::Blocked, blocked(stall - 1), blocked(stall), waiting),
        (R::QueueTooLong, queue(48, HOUR), queue(49, HOUR), queue(24, HOUR)),
        (R::Clocks, clock(HOUR), clock(HOUR + 1), clock(CLOCK_SPREAD_MS)),
    ] {
        assert_eq!(closes(&before), None, "{reason}");
        assert_eq!(closes(&then), Some(reason));
        assert!(!opens(&before), "{reason} would flap");
        assert!(opens(&calmer), "{reason} would stay closed");
    }
    let stalled = Standing { pulse: Some(pulse(0, 0, stall, 0)), ..included };
    assert_eq!(closes(&stalled), Some(R::FinalityStalled));
    assert_eq!(closes(&Standing { overdue: 1, ..calm() }), Some(R::Overdue));
    let near = Some(at(POLICY.at_risk_ms - 1));
    assert_eq!(closes(&Standing { waiting_deadline_at: near, ..waiting }), Some(R::DeadlineNear));
    assert_eq!(closes(&Standing { next_deadline_at: near, ..included }), None, "in a block");
}

#[test]
fn a_chain_without_work_may_stand_still() {
    let pulse = Some(pulse(0, 400 * HOUR, 400 * HOUR, 400 * HOUR));
    assert_eq!(closes(&Standing { pulse, ..calm() }), None);
    let new = Standing { pulse, open: 1, waiting_since: Some(at(0)), ..calm() };
    assert_eq!(closes(&new), None, "it has a quarter of the promise to move");
}

#[test]
fn without_a_look_at_the_chain_only_the_badges_count() {
    let waiting = Standing { pulse: None, waiting_since: Some(at(-20 * HOUR)), ..calm() };
    assert_eq!(closes(&waiting), None);
    let stuck = Standing { stuck_deadline_at: Some(at(3 * HOUR)), ..waiting };
    assert_eq!(closes(&stuck), Some(ClosedReason::DeadlineNear));
}

#[test]
fn a_slow_chain_closes_earlier() {
    let stuck =
        |pace| Standing { stuck_deadline_at: Some(at(7 * HOUR)), pace_ms: Some(pace), ..calm() };
    assert_eq!(closes(&stuck(HOUR)), None);
    assert_eq!(closes(&stuck(7 * HOUR)), Some(ClosedReason::DeadlineNear));
}

fn ago() -> impl Strategy<Value = i64> {
    0..30 * HOUR
}

prop_compose! {
    fn anything()(
        times in [ago(), ago(), ago(), ago(), ago(), ago()],
        next in option::of(-HOUR..25 * HOUR),
        stuck in option::of(-HOUR..25 * HOUR),
        waits in any::<[bool; 3]>(),
        clock_off in option::of(-3 * HOUR..3 * HOUR),
        overdue in 0_u64..2,
        batches in 0_u64..400,
        pace in option::of(0..4 * HOUR),
        looked in any::<bool>(),
    ) -> Standing {
        let [answered, head, finalized, worker, waiting, blocked] = times;
        let database = clock_off.map(at);
        Standing {
            overdue,
            waiting_deadline_at: next.map(at),
            stuck_deadline_at: stuck.map(at),
            waiting_since: waits[0].then(|| at(-waiting)),
            included_since: waits[1].then(|| at(-waiting)),
            blocked: waits[2].then(|| (BlockedReason::Paused, at(-blocked))),
            waiting_batches: batches,
            pace_ms: pace,
            clocks: Clocks { host: at(0), database, chain: None, settled: true },
            pulse: looked.then(|| pulse(answered, head, finalized, worker)),
            ..calm()
        }
    }
}

proptest! {
    /// The same facts never move the gate back and forth.
    #[test]
    fn what_opens_a_closed_gate_never_closes_an_open_one(facts in anything()) {
        if opens(&facts) {
            prop_assert_eq!(closes(&facts), None);
        }
        let once = POLICY.judge(Gate::Open, &facts);
        prop_assert_eq!(POLICY.judge(once, &facts), once);
    }

    /// Open means that every promise can be kept by what is known.
    #[test]
    fn while_intake_is_open_nothing_is_overdue_or_near(facts in anything()) {
        if closes(&facts).is_none() {
            prop_assert_eq!(facts.overdue, 0);
            prop_assert!(facts.waiting_margin_ms().is_none_or(|left| left >= POLICY.at_risk_ms));
            prop_assert!(facts.stuck_margin_ms().is_none_or(|left| left >= PAGE_MS));
            prop_assert!(facts.clocks.receipt_error_ms() <= HOUR);
        }
    }

    /// Less time left, or a longer stall, never opens intake.
    #[test]
    fn what_is_worse_does_not_open(facts in anything(), worse_ms in 0..10 * HOUR, closed in any::<bool>()) {
        let gate = if closed {
            Gate::Closed { reason: ClosedReason::Blocked, since: at(-1) }
        } else {
            Gate::Open
        };
        let later = facts.at.plus_millis(worse_ms);
        let move_on = |time: Timestamp| time.plus_millis(worse_ms);
        let worse = Standing {
            at: later,
            clocks: Clocks {
                host: move_on(facts.clocks.host),
                database: facts.clocks.database.map(move_on),
                ..facts.clocks
            },
            ..facts
        };
        if POLICY.judge(gate, &facts) != Gate::Open {
            prop_assert_ne!(POLICY.judge(gate, &worse), Gate::Open);
        }
    }
}
