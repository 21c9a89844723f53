//! How the promise stands, looks at the chain, the gate, breaches and canaries.

use std::sync::Arc;

use domain::{
    BatchId, ClosedReason, Effect, GRACE_MS, Gate, Observation, OverdueBatch, Position, Seen,
    StreamId, Submission,
};
use proof::{Hash, ReceiptKey};
use store::{Conclusion, OutboxEvent, ReceiptKeyRecord, Store, TimeSource};

use super::world::{CHAIN_ID, HOUR_MS, PROMISE_MS, World, at, confirmed, inclusion, observed};
use crate::support::{Database, over_both_databases};

over_both_databases!(
    what_waits_and_what_is_in_a_block_are_told_apart,
    looks_add_up_and_the_gate_is_written_once,
    a_breach_is_recorded_once_and_ends,
    a_batch_that_became_final_too_late_is_on_record_too,
    erased_badges_break_no_promise_and_erase_no_breach,
    breaches_are_signed_once,
    canaries_are_one_an_interval,
);

fn seen(head: u64) -> Option<Seen> {
    Some(Seen { head, head_time: at(head as i64 * 1000), finalized: head - 4 })
}

async fn what_waits_and_what_is_in_a_block_are_told_apart(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    assert_eq!(world.store.promised_chains().await.unwrap(), [CHAIN_ID]);
    let standing = async |millis| world.store.standing(CHAIN_ID, at(millis)).await.unwrap();
    let none = standing(0).await;
    assert_eq!((none.open, none.waiting_since, none.margin_ms()), (0, None, None));
    world.badges(3).await;
    let open = standing(GRACE_MS - 1).await;
    assert_eq!((open.open, open.uncut, open.waiting_batches), (3, 3, 0));
    assert_eq!((open.waiting_since, open.stuck_deadline_at), (Some(at(0)), None));
    assert_eq!(open.margin_ms(), Some(PROMISE_MS - GRACE_MS + 1));
    assert_eq!(open.waiting_margin_ms(), open.margin_ms());
    assert_eq!(standing(GRACE_MS).await.stuck_deadline_at, Some(at(PROMISE_MS)));

    let lease = world.lease().await;
    let batch = world.cut().await;
    let batch = world.seal(&batch).await;
    let transaction = world.fly(&lease, &batch).await;
    let cut = standing(60).await;
    assert_eq!((cut.open, cut.uncut, cut.waiting_batches, cut.included), (3, 0, 1, 0));
    let present = Effect::Present { inclusion: inclusion(9) };
    world.store.observe(&lease, transaction, &observed(9, present)).await.unwrap();
    let included = standing(PROMISE_MS + 1).await;
    assert_eq!((included.open, included.included, included.overdue), (3, 3, 0));
    assert_eq!((included.waiting_since, included.stuck_deadline_at), (None, None));
    assert_eq!(included.waiting_deadline_at, None, "it can break no promise any more");
    assert_eq!(included.included_since, Some(observed_at(9)));
    assert!(included.margin_ms().unwrap() < 0, "the clock is shown all the same");

    world.conclude(&lease, transaction, confirmed(9)).await.unwrap();
    let kept = standing(PROMISE_MS + 1).await;
    assert_eq!((kept.open, kept.late, kept.breaches), (0, 0, 0));
    let margin = at(PROMISE_MS).since(inclusion(9).block_time);
    assert_eq!(kept.least_margin_ms, Some(margin));
    assert_eq!(standing(PROMISE_MS + 8 * 24 * HOUR_MS).await.least_margin_ms, None);
    assert!(kept.pace_ms.is_some());
    assert_eq!(world.store.standing(7, at(0)).await.unwrap().open, 0, "another chain");
}

fn observed_at(block: u8) -> proof::Timestamp {
    let Observation { observed_at, .. } = observed(block, Effect::Pending);
    observed_at
}

async fn looks_add_up_and_the_gate_is_written_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    assert_eq!(store.standing(CHAIN_ID, at(0)).await.unwrap().pulse, None);
    store.look(CHAIN_ID, true, seen(10), at(10_000)).await.unwrap();
    store.look(CHAIN_ID, false, seen(20), at(20_100)).await.unwrap();
    let pulse = store.look(CHAIN_ID, false, None, at(30_000)).await.unwrap();
    let standing = store.standing(CHAIN_ID, at(30_000)).await.unwrap();
    assert_eq!(standing.pulse, Some(pulse));
    assert_eq!((pulse.since, pulse.looked_at), (at(10_000), at(30_000)));
    assert_eq!((pulse.worker_at, pulse.answered_at), (Some(at(10_000)), Some(at(20_100))));
    assert_eq!((pulse.head_at, pulse.offset_ms), (Some(at(20_100)), Some(-100)));
    assert_eq!(standing.clocks.chain, Some(at(29_900)));
    assert_eq!(standing.gate, Gate::Open);

    let closed = |reason| Gate::Closed { reason, since: at(30_000) };
    let (near, halted) = (closed(ClosedReason::DeadlineNear), closed(ClosedReason::ChainHalted));
    assert!(store.set_gate(CHAIN_ID, Gate::Open, near).await.unwrap());
    assert!(!store.set_gate(CHAIN_ID, Gate::Open, halted).await.unwrap(), "somebody was faster");
    assert!(store.set_gate(CHAIN_ID, near, halted).await.unwrap());
    assert_eq!(store.standing(CHAIN_ID, at(0)).await.unwrap().gate, halted);
    store.look(CHAIN_ID, true, seen(30), at(40_000)).await.unwrap();
    assert_eq!(store.standing(CHAIN_ID, at(0)).await.unwrap().gate, halted, "a look keeps it");
    assert!(store.set_gate(CHAIN_ID, halted, Gate::Open).await.unwrap());
    assert_eq!(store.standing(CHAIN_ID, at(0)).await.unwrap().gate, Gate::Open);
}

async fn a_breach_is_recorded_once_and_ends(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    let early = Submission { window_started_at: Some(at(-HOUR_MS)), ..world.submission() };
    world.accept(&[world.submission(), early]).await;
    let batch = world.cut().await;
    let overdue = async |millis| store.overdue_batches(CHAIN_ID, at(millis), 10).await.unwrap();
    let deadline = PROMISE_MS - HOUR_MS;
    assert!(overdue(deadline).await.is_empty());
    assert!(store.overdue_batches(7, at(deadline + 1), 10).await.unwrap().is_empty());
    let found = overdue(deadline + 1).await;
    let one = OverdueBatch { batch: batch.id, badges: 1, deadline_at: at(deadline) };
    assert_eq!(found, [one], "the other badge has an hour left");
    let noticed_at = at(deadline + 1);
    assert_eq!(store.record_breach(one, noticed_at).await.unwrap(), Some(1));
    assert_eq!(store.record_breach(one, noticed_at).await.unwrap(), None);
    assert!(overdue(PROMISE_MS + 1).await.is_empty(), "once a batch");
    let events = store.events(0, 10).await.unwrap();
    let events: Vec<_> = events.iter().map(|event| (event.batch, event.event.as_str())).collect();
    assert_eq!(events, [(batch.id, OutboxEvent::PROMISE_OVERDUE)]);
    let breaches = store.breaches(0, 10).await.unwrap();
    assert_eq!((breaches.len(), breaches[0].number, breaches[0].overdue), (1, 1, one));
    assert_eq!((breaches[0].commitment, breaches[0].ended), (None, None));
    assert_eq!((breaches[0].noticed_at, breaches[0].chain_id), (noticed_at, CHAIN_ID));

    assert!(store.end_breaches(noticed_at).await.unwrap().is_empty());
    let lease = world.lease().await;
    let batch = world.seal(&batch).await;
    let transaction = world.fly(&lease, &batch).await;
    let late = late_at(PROMISE_MS + 5000);
    world.conclude(&lease, transaction, late).await.unwrap();
    assert_eq!(store.end_breaches(at(PROMISE_MS + 9000)).await.unwrap(), [1]);
    assert!(store.end_breaches(at(PROMISE_MS + 9999)).await.unwrap().is_empty());
    let breach = store.breaches(0, 10).await.unwrap().remove(0);
    let end = breach.ended.unwrap();
    assert_eq!((end.anchored_at, end.final_at), (at(PROMISE_MS + 5000), at(PROMISE_MS + 9000)));
    assert_eq!(end.late, 2);
    assert_eq!(breach.batch_commitment, Some(batch.seal().unwrap().commitment));
    assert_eq!(breach.commitment, None, "what was signed does not change");
    assert!(store.breaches(1, 10).await.unwrap().is_empty());
    assert_eq!(store.standing(CHAIN_ID, at(0)).await.unwrap().breaches, 1);
}

/// Final in a block of this time.
fn late_at(millis: i64) -> Conclusion {
    match confirmed(9) {
        Conclusion::Confirmed { inclusion } => Conclusion::Confirmed {
            inclusion: domain::Inclusion { block_time: at(millis), ..inclusion },
        },
        other => other,
    }
}

async fn a_batch_that_became_final_too_late_is_on_record_too(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    world.badges(2).await;
    let batch = world.cut().await;
    let batch = world.seal(&batch).await;
    let transaction = world.fly(&lease, &batch).await;
    world.conclude(&lease, transaction, late_at(PROMISE_MS + 1)).await.unwrap();
    let found = world.store.overdue_batches(CHAIN_ID, at(PROMISE_MS + 2), 10).await.unwrap();
    assert_eq!(found, [OverdueBatch { batch: batch.id, badges: 2, deadline_at: at(PROMISE_MS) }]);
    world.store.record_breach(found[0], at(PROMISE_MS + 2)).await.unwrap().unwrap();
    let breach = world.store.breaches(0, 1).await.unwrap().remove(0);
    assert_eq!(breach.commitment, Some(batch.seal().unwrap().commitment));
}

async fn erased_badges_break_no_promise_and_erase_no_breach(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let positions = world.badges(2).await;
    let batch = world.cut().await;
    world.seal(&batch).await;
    let erase = async |position| {
        world.store.erase(world.account.id, position, at(1)).await.unwrap();
    };
    erase(positions[0]).await;
    let overdue =
        async || world.store.overdue_batches(CHAIN_ID, at(PROMISE_MS + 1), 10).await.unwrap();
    let found = overdue().await;
    assert_eq!(found[0].badges, 1);
    world.store.record_breach(found[0], at(PROMISE_MS + 1)).await.unwrap().unwrap();
    erase(positions[1]).await;
    assert_eq!(world.store.breaches(0, 10).await.unwrap().len(), 1);
    // nothing but erased badges
    let position = world.badges(1).await[0];
    let batch = world.cut().await;
    world.seal(&batch).await;
    erase(position).await;
    assert!(overdue().await.is_empty());
}

async fn breaches_are_signed_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    let keys = [ReceiptKey::from_seed([1; 32]), ReceiptKey::from_seed([2; 32])];
    for key in &keys {
        let record = ReceiptKeyRecord {
            key_id: key.key_id(),
            public_key: key.public().0,
            not_before: at(0),
            not_after: None,
            revoked_at: None,
        };
        store.add_receipt_key(&record).await.unwrap();
    }
    world.badges(1).await;
    let batch = world.cut().await;
    let one = OverdueBatch { batch: batch.id, badges: 1, deadline_at: at(PROMISE_MS) };
    store.record_breach(one, at(PROMISE_MS + 1)).await.unwrap().unwrap();
    let unsigned = store.unsigned_breaches(10).await.unwrap().remove(0);
    assert_eq!(unsigned.signed(), None);
    let signed = keys.each_ref().map(|key| key.state_breach(unsigned.statement()));
    for breach in &signed {
        store.sign_breach(1, &breach.proof).await.unwrap();
    }
    assert!(store.unsigned_breaches(10).await.unwrap().is_empty());
    let stored = store.breaches(0, 10).await.unwrap().remove(0);
    assert_eq!(stored.signed().as_ref(), Some(&signed[0]), "the first signature stands");
    let missing = OverdueBatch { batch: BatchId(999), ..one };
    assert_eq!(store.record_breach(missing, at(PROMISE_MS + 1)).await.unwrap(), None);
}

async fn canaries_are_one_an_interval(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    let begin = async |byte, millis| {
        store.begin_canary(CHAIN_ID, Hash([byte; 32]), at(millis), HOUR_MS, true).await.unwrap()
    };
    assert_eq!(begin(1, 9 * HOUR_MS).await, None, "nobody has looked at the chain");
    store.look(CHAIN_ID, true, seen(10), at(0)).await.unwrap();
    assert_eq!(begin(1, HOUR_MS - 1).await, None);
    let (one, other) = tokio::join!(begin(1, HOUR_MS), begin(2, HOUR_MS));
    assert!(one.is_some() != other.is_some(), "two replicas, one canary");
    let canary = one.or(other).unwrap();
    assert_eq!(begin(3, 2 * HOUR_MS - 1).await, None);
    assert_eq!(store.pending_canaries(CHAIN_ID, 8).await.unwrap(), [canary]);
    assert_eq!(store.last_canary(CHAIN_ID).await.unwrap(), None);

    let position = Position::first_of(StreamId(1));
    store.canary_accepted(canary.id, position).await.unwrap();
    store.canary_accepted(canary.id, position.plus(1)).await.unwrap();
    store.canary_verified(canary.id, at(2 * HOUR_MS)).await.unwrap();
    store.canary_verified(canary.id, at(3 * HOUR_MS)).await.unwrap();
    let last = store.last_canary(CHAIN_ID).await.unwrap().unwrap();
    assert_eq!((last.position, last.verified_at), (Some(position), Some(at(2 * HOUR_MS))));
    assert!(store.pending_canaries(CHAIN_ID, 8).await.unwrap().is_empty());
    let second = begin(3, 2 * HOUR_MS).await.unwrap();
    assert!(second.id > canary.id);
}

/// The server keeps another time than the host: looks are dated by the server's, what is left is
/// counted by the later clock, what is overdue by the earlier one.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn a_server_with_its_own_clock_dates_looks_and_is_compared() {
    let database = Database::postgres().await;
    let world = World::on(database.open_by(TimeSource::Database).await.unwrap()).await;
    let store = world.store.as_ref();
    world.badges(1).await;
    // the test's time, which is not the server's
    let host = at(HOUR_MS);
    let pulse = store.look(CHAIN_ID, true, seen(10), host).await.unwrap();
    let standing = store.standing(CHAIN_ID, host).await.unwrap();
    let server = standing.clocks.database.unwrap();
    assert_eq!(standing.at, server);
    assert!(pulse.looked_at <= server && pulse.looked_at != host);
    assert_eq!(standing.clocks.host, host);
    assert!(standing.clocks.disagree(), "the server has the time of day");
    assert_eq!(standing.clocks.spread_ms(), server.since(host).abs());
    let later = server.max(host);
    assert_eq!(standing.margin_ms(), Some(at(PROMISE_MS).since(later)));
    let overdue = at(PROMISE_MS) < server.min(host);
    assert_eq!(standing.overdue, u64::from(overdue));
    store.close().await;
    database.drop().await;
}
