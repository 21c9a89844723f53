//! Nonces, attempts, observations, blocked batches, and what a worker is shown.

use std::sync::Arc;

use domain::{Attempt, BatchState, BlockedReason, Effect, Fees, Purpose, Signer, Submission};
use futures::future::join_all;
use proof::Address;
use store::{Store, StoreError, WaitingBatch};

use super::world::{BASE_NONCE, CHAIN_ID, PROMISE_MS, REGISTRY, World, at, inclusion, observed};
use crate::support::over_both_databases;

over_both_databases!(
    a_signer_is_created_once,
    a_prepared_batch_is_in_flight,
    a_nonce_is_taken_once,
    nonces_are_contiguous,
    a_batch_has_one_live_transaction,
    of_two_batches_one_gets_the_nonce,
    only_a_sealed_batch_is_prepared,
    a_bump_raises_both_fees,
    an_observation_replaces_the_last,
    a_blocked_batch_waits_and_goes_on,
    the_nearest_deadline_waits_first,
    a_view_is_of_one_chain_and_bounded,
);

async fn a_signer_is_created_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let address = Address([0x99; 20]);
    let signer = world.store.signer(CHAIN_ID, address, 3, at(0)).await.unwrap();
    assert_eq!(signer, Signer { id: signer.id, chain_id: CHAIN_ID, address, base_nonce: 3 });
    let again = world.store.signer(CHAIN_ID, address, 30, at(1)).await.unwrap();
    assert_eq!(again, signer, "the base nonce stands");
    let elsewhere = world.store.signer(1, address, 0, at(0)).await.unwrap();
    assert_ne!(elsewhere.id, signer.id);
    let all = world.store.signers().await.unwrap();
    assert_eq!(all, [world.signer.clone(), signer, elsewhere]);
    assert_eq!(world.signer_view().await.next_nonce, BASE_NONCE);
}

async fn a_prepared_batch_is_in_flight(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(3).await;
    let waiting = WaitingBatch { batch: batch.clone(), stream: world.stream.clone() };
    assert_eq!(world.signer_view().await.waiting, [waiting]);

    let prepared = world.anchor(BASE_NONCE, batch.id);
    let transaction = world.store.prepare(&lease, &prepared).await.unwrap();
    assert_eq!(world.batch(batch.id).await, batch.clone().prepared().unwrap());
    let view = world.signer_view().await;
    assert_eq!((view.signer, view.next_nonce), (world.signer.clone(), BASE_NONCE + 1));
    assert_eq!((view.waiting, view.live.len()), (Vec::new(), 1));
    let live = &view.live[0];
    assert_eq!((live.id, live.nonce), (transaction, BASE_NONCE));
    assert_eq!(live.purpose, Purpose::Anchor { batch: batch.id });
    assert_eq!((live.commitment, live.registry), (batch.seal().unwrap().commitment, REGISTRY));
    assert_eq!((live.deadline_at, live.revoked_indexes.len()), (batch.deadline_at, 0));
    assert_eq!((&live.attempts, live.observation), (&vec![prepared.attempt], None));
}

async fn a_nonce_is_taken_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let (first, second) = (world.sealed(1).await, world.sealed(1).await);
    world.store.prepare(&lease, &world.anchor(BASE_NONCE, first.id)).await.unwrap();
    let before = world.signer_view().await;
    let refused = world.store.prepare(&lease, &world.anchor(BASE_NONCE, second.id)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.signer_view().await, before, "nothing of it was stored");
    world.fly(&lease, &second).await;
}

async fn nonces_are_contiguous(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    for nonce in [BASE_NONCE - 1, BASE_NONCE + 1] {
        let refused = world.store.prepare(&lease, &world.anchor(nonce, batch.id)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{nonce}: {refused:?}");
    }
    assert_eq!(world.batch(batch.id).await, batch);
    assert_eq!(world.signer_view().await.next_nonce, BASE_NONCE);
}

async fn a_batch_has_one_live_transaction(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    world.fly(&lease, &batch).await;
    let refused = world.prepare(&lease, world.anchor(0, batch.id)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.signer_view().await.live.len(), 1);
}

async fn of_two_batches_one_gets_the_nonce(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batches = [world.sealed(1).await, world.sealed(1).await, world.sealed(1).await];
    let tries = batches.iter().map(|batch| {
        let (store, lease) = (Arc::clone(&world.store), lease.clone());
        let anchor = world.anchor(BASE_NONCE, batch.id);
        tokio::spawn(async move { store.prepare(&lease, &anchor).await })
    });
    let mut won = 0;
    for result in join_all(tries.collect::<Vec<_>>()).await {
        match result.unwrap() {
            Ok(_) => won += 1,
            Err(StoreError::Conflict(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let view = world.signer_view().await;
    assert_eq!((won, view.live.len(), view.waiting.len()), (1, 1, 2));
}

async fn only_a_sealed_batch_is_prepared(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let done = world.finished(&lease, 1).await;
    world.badges(1).await;
    let cut = world.cut().await;
    for batch in [done, cut] {
        let refused = world.prepare(&lease, world.anchor(0, batch.id)).await;
        assert!(matches!(refused, Err(StoreError::Transition(_))), "{refused:?}");
        let refused = world.store.block(&lease, batch.id, BlockedReason::Role, at(3)).await;
        assert!(matches!(refused, Err(StoreError::Transition(_))), "{refused:?}");
        assert_eq!(world.batch(batch.id).await, batch);
    }
    assert_eq!(world.signer_view().await.live, []);
}

async fn a_bump_raises_both_fees(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let transaction = world.fly(&lease, &batch).await;
    let first = world.signer_view().await.live[0].attempts[0].clone();
    let Fees { max_fee, max_priority_fee } = first.fees;
    let with = |max_fee, max_priority_fee| Attempt {
        fees: Fees { max_fee, max_priority_fee },
        ..world.attempt(1)
    };
    let too_low = [
        with(max_fee, max_priority_fee),
        with(max_fee + 1, max_priority_fee),
        with(max_fee, max_priority_fee + 1),
        with(max_fee - 1, max_priority_fee + 1),
    ];
    for attempt in too_low {
        let refused = world.store.bump(&lease, transaction, &attempt).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    // a spike in a chain with a cheap coin: 1,000,000 gwei, beyond 32 bits
    let higher = with(1_000_000_000_000_000, max_priority_fee + 1);
    world.store.bump(&lease, transaction, &higher).await.unwrap();
    let again = world.store.bump(&lease, transaction, &with(max_fee * 2, max_fee)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "against the last: {again:?}");
    assert_eq!(world.signer_view().await.live[0].attempts, [first, higher]);
}

async fn an_observation_replaces_the_last(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let transaction = world.fly(&lease, &batch).await;
    let seen = [
        observed(8, Effect::Pending),
        observed(9, Effect::Present { inclusion: inclusion(9) }),
        observed(
            11,
            Effect::Present { inclusion: domain::Inclusion { transaction: None, ..inclusion(10) } },
        ),
        // a reorganisation took it back
        observed(12, Effect::Pending),
        observed(13, Effect::Burned),
    ];
    for observation in seen {
        world.store.observe(&lease, transaction, &observation).await.unwrap();
        assert_eq!(world.signer_view().await.live[0].observation, Some(observation));
        let expected = match observation.effect {
            Effect::Present { inclusion } => Some(inclusion),
            Effect::Pending | Effect::Burned => None,
        };
        let state = world.batch(batch.id).await.state;
        let seal = *batch.seal().unwrap();
        assert_eq!(state, BatchState::InFlight { seal, inclusion: expected });
    }
}

async fn a_blocked_batch_waits_and_goes_on(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let reasons =
        [BlockedReason::Paused, BlockedReason::Role, BlockedReason::Funds, BlockedReason::Reverts];
    for (reason, millis) in reasons.into_iter().zip([10, 20, 30, 40]) {
        world.store.block(&lease, batch.id, reason, at(millis)).await.unwrap();
        let BatchState::Blocked { seal, reason: stored, .. } = world.batch(batch.id).await.state
        else {
            panic!("not blocked");
        };
        assert_eq!((Some(&seal), stored), (batch.seal(), reason));
    }
    let view = world.signer_view().await;
    assert_eq!((view.waiting.len(), view.next_nonce), (1, BASE_NONCE));
    let blocked = view.waiting[0].batch.clone();
    world.fly(&lease, &blocked).await;
    assert_eq!(world.batch(batch.id).await, batch.prepared().unwrap());
}

async fn the_nearest_deadline_waits_first(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let mut by_deadline = Vec::new();
    for start in [-20, -50, -10, -40] {
        let badge = Submission { window_started_at: Some(at(start)), ..world.submission() };
        world.accept(&[badge]).await;
        let batch = world.cut().await;
        assert_eq!(batch.deadline_at, at(start + PROMISE_MS));
        by_deadline.push((batch.deadline_at, world.seal(&batch).await.id));
    }
    by_deadline.sort();
    let waiting = world.signer_view().await.waiting;
    let waiting: Vec<_> = waiting.iter().map(|one| (one.batch.deadline_at, one.batch.id)).collect();
    assert_eq!(waiting, by_deadline);
    let first = world.store.signer_view(world.signer.id, 1).await.unwrap().waiting;
    assert_eq!(first[0].batch.id, by_deadline[0].1);
    assert_eq!(first.len(), 1);
}

async fn a_view_is_of_one_chain_and_bounded(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let elsewhere = world.store.signer(1, Address([0x51; 20]), 0, at(0)).await.unwrap();
    let (first, second) = (world.sealed(1).await, world.sealed(1).await);
    world.fly(&lease, &second).await;
    world.fly(&lease, &first).await;
    let view = world.signer_view().await;
    let nonces: Vec<_> = view.live.iter().map(|live| live.nonce).collect();
    assert_eq!(nonces, [BASE_NONCE, BASE_NONCE + 1]);
    let view = world.store.signer_view(world.signer.id, 1).await.unwrap();
    assert_eq!((view.live.len(), view.next_nonce), (1, BASE_NONCE + 2));
    world.sealed(1).await;
    let view = world.store.signer_view(elsewhere.id, 100).await.unwrap();
    assert_eq!((view.live.len(), view.waiting.len(), view.next_nonce), (0, 0, 0));
}
