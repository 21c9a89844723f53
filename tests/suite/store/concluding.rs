//! How a live transaction ends: confirmed once, or burned and queued again.

use std::sync::Arc;

use domain::{BatchState, BurnReason, Effect, TransactionId, TransactionState};
use store::{Conclusion, OutboxEvent, Store, StoreError};

use super::world::{BASE_NONCE, REVERTED, World, at, confirmed, inclusion, observed};
use crate::support::over_both_databases;

over_both_databases!(
    a_confirmed_batch_is_final_with_one_event,
    a_burned_nonce_queues_the_batch_again,
    a_transaction_ends_once,
    another_signers_transaction_is_not_found,
    events_are_listed_by_id,
);

async fn a_confirmed_batch_is_final_with_one_event(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(2).await;
    let transaction = world.fly(&lease, &batch).await;
    let seen = observed(9, Effect::Present { inclusion: inclusion(9) });
    world.store.observe(&lease, transaction, &seen).await.unwrap();
    world.conclude(&lease, transaction, confirmed(9)).await.unwrap();

    let done = world.batch(batch.id).await;
    assert_eq!(done, batch.prepared().unwrap().confirmed(inclusion(9)).unwrap());
    let events = world.store.events(0, 10).await.unwrap();
    let expected = OutboxEvent {
        id: events[0].id,
        batch: done.id,
        event: OutboxEvent::BATCH_FINAL.to_owned(),
        at: at(5),
    };
    assert_eq!(events, [expected]);
    let view = world.signer_view().await;
    assert_eq!((view.live, view.waiting), (Vec::new(), Vec::new()));
    assert_eq!(view.next_nonce, BASE_NONCE + 1);
}

async fn a_burned_nonce_queues_the_batch_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(2).await;
    let first = world.fly(&lease, &batch).await;
    let seen = observed(9, Effect::Present { inclusion: inclusion(9) });
    world.store.observe(&lease, first, &seen).await.unwrap();
    world.conclude(&lease, first, REVERTED).await.unwrap();
    assert_eq!(world.batch(batch.id).await, batch, "nothing of the first try clings to it");
    assert_eq!(world.store.events(0, 10).await.unwrap(), []);

    let second = world.fly(&lease, &batch).await;
    let live = world.signer_view().await.live.remove(0);
    assert_eq!((live.id, live.nonce, live.observation), (second, BASE_NONCE + 1, None));
    let in_flight = world.batch(batch.id).await;
    assert_eq!(in_flight.inclusion(), None);
    let foreign = Conclusion::Burned { reason: BurnReason::Foreign };
    world.conclude(&lease, second, foreign).await.unwrap();
    let third = world.fly(&lease, &batch).await;
    world.conclude(&lease, third, confirmed(30)).await.unwrap();

    let stored = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    let states: Vec<_> = stored.iter().map(|one| (one.nonce - BASE_NONCE, one.state)).collect();
    assert_eq!(
        states,
        [
            (0, TransactionState::Burned(BurnReason::Reverted)),
            (1, TransactionState::Burned(BurnReason::Foreign)),
            (2, TransactionState::Confirmed),
        ]
    );
    assert_eq!(world.store.events(0, 10).await.unwrap().len(), 1);
}

async fn a_transaction_ends_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let transaction = world.fly(&lease, &batch).await;
    world.conclude(&lease, transaction, confirmed(9)).await.unwrap();
    let done = world.batch(batch.id).await;
    for again in [confirmed(9), confirmed(10), REVERTED] {
        assert!(world.conclude(&lease, transaction, again).await.is_err());
    }
    assert!(world.store.bump(&lease, transaction, &world.attempt(9)).await.is_err());
    let late = observed(11, Effect::Pending);
    assert!(world.store.observe(&lease, transaction, &late).await.is_err());
    assert_eq!(world.batch(batch.id).await, done);
    assert_eq!(world.store.events(0, 10).await.unwrap().len(), 1);
    let stored = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    assert_eq!((stored.len(), stored[0].attempts.len()), (1, 1));
    assert_eq!(stored[0].state, TransactionState::Confirmed);
}

async fn another_signers_transaction_is_not_found(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(1).await;
    let transaction = world.fly(&lease, &batch).await;
    let address = proof::Address([0x77; 20]);
    let other = world.store.signer(super::world::CHAIN_ID, address, 0, at(0)).await.unwrap();
    let others = world.store.lease(other.id, "w", at(0), 1000).await.unwrap().unwrap();
    for (lease, transaction) in [(&others, transaction), (&lease, TransactionId(999))] {
        let refused = [
            world.conclude(lease, transaction, confirmed(9)).await,
            world.store.bump(lease, transaction, &world.attempt(9)).await,
            world.store.observe(lease, transaction, &observed(9, Effect::Burned)).await,
        ];
        for result in refused {
            assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
        }
    }
    let state = world.batch(batch.id).await.state;
    assert!(matches!(state, BatchState::InFlight { .. }), "{state:?}");
}

async fn events_are_listed_by_id(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let mut batches = Vec::new();
    for _ in 0..3 {
        batches.push(world.finished(&lease, 1).await.id);
    }
    let all = world.store.events(0, 10).await.unwrap();
    assert_eq!(all.iter().map(|event| event.batch).collect::<Vec<_>>(), batches);
    assert_eq!(world.store.events(0, 2).await.unwrap(), all[..2]);
    assert_eq!(world.store.events(all[0].id, 10).await.unwrap(), all[1..]);
}
