//! Halts, final blocks, and what is live again.

use std::sync::Arc;

use domain::{BatchState, Block};
use proof::Hash;
use store::{Halt, HaltReason, Lease, Store, StoreError};

use super::world::{CHAIN_ID, World, at, observed};
use crate::support::over_both_databases;

over_both_databases!(
    the_first_halt_of_a_reason_stands_until_it_is_ended,
    a_final_block_is_replaced,
    what_was_confirmed_is_live_again,
);

fn halt(reason: HaltReason, since: i64) -> Halt {
    Halt { chain_id: CHAIN_ID, reason, since: at(since), detail: format!("found at {since}") }
}

async fn the_first_halt_of_a_reason_stands_until_it_is_ended(store: Arc<dyn Store>) {
    let finality = HaltReason::Finality { number: 7 };
    assert_eq!(store.halts(CHAIN_ID).await.unwrap(), []);
    assert!(store.halt(&halt(finality, 1)).await.unwrap());
    assert!(!store.halt(&halt(HaltReason::Finality { number: 9 }, 2)).await.unwrap());
    assert!(store.halt(&halt(HaltReason::Nonces, 3)).await.unwrap());
    let both = [halt(finality, 1), halt(HaltReason::Nonces, 3)];
    assert_eq!(store.halts(CHAIN_ID).await.unwrap(), both);
    assert_eq!(store.halts(CHAIN_ID + 1).await.unwrap(), []);
    assert!(store.resume(CHAIN_ID, finality, at(4)).await.unwrap());
    assert!(!store.resume(CHAIN_ID, finality, at(5)).await.unwrap());
    assert_eq!(store.halts(CHAIN_ID).await.unwrap(), both[1..]);
}

async fn a_final_block_is_replaced(store: Arc<dyn Store>) {
    assert_eq!(store.final_block(CHAIN_ID).await.unwrap(), None);
    for number in [4, 9, 3] {
        let block = Block { number, hash: Hash([number as u8; 32]) };
        store.note_final(CHAIN_ID, block, at(1)).await.unwrap();
        assert_eq!(store.final_block(CHAIN_ID).await.unwrap(), Some(block));
    }
    assert_eq!(store.final_block(CHAIN_ID + 1).await.unwrap(), None);
}

async fn what_was_confirmed_is_live_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.sealed(2).await;
    let transaction = world.fly(&lease, &batch).await;
    let effect = domain::Effect::Present { inclusion: super::world::inclusion(9) };
    world.store.observe(&lease, transaction, &observed(9, effect)).await.unwrap();
    let early = world.store.reopen(&lease, transaction, at(6)).await;
    assert!(matches!(early, Err(StoreError::Conflict(_))), "it is live: {early:?}");
    world.conclude(&lease, transaction, super::world::confirmed(9)).await.unwrap();
    let confirmed = world.store.confirmed_below(world.signer.id, u64::MAX, 10).await.unwrap();
    assert_eq!(confirmed.len(), 1);
    assert_eq!((confirmed[0].transaction, confirmed[0].block.number), (transaction, 9));
    let below = world.store.confirmed_below(world.signer.id, confirmed[0].nonce, 10).await;
    assert_eq!(below.unwrap(), []);

    let stale = Lease { epoch: lease.epoch + 1, ..lease.clone() };
    let refused = world.store.reopen(&stale, transaction, at(6)).await;
    assert!(matches!(refused, Err(StoreError::StaleLease)), "{refused:?}");
    world.store.reopen(&lease, transaction, at(6)).await.unwrap();
    let state = world.batch(batch.id).await.state;
    assert!(matches!(state, BatchState::InFlight { inclusion: None, .. }), "{state:?}");
    let live = world.signer_view().await.live;
    assert_eq!((live.len(), live[0].id, live[0].observation), (1, transaction, None));
    // final once more; its event was told already
    world.conclude(&lease, transaction, super::world::confirmed(11)).await.unwrap();
    assert!(matches!(world.batch(batch.id).await.state, BatchState::Final { .. }));
    assert_eq!(world.store.events(0, 10).await.unwrap().len(), 1);
}
