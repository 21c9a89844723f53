//! What the chain asked for lately.

use std::sync::Arc;

use domain::{FEE_SLOT_MS, FeeSample, MAX_BASE_FEE, StreamKind};
use proof::Address;
use store::Store;

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    one_sample_a_slot_is_kept,
    an_absurd_base_fee_is_clamped,
    old_samples_are_pruned,
    the_last_first_send_is_that_of_its_kind,
);

const CHAIN: u64 = 5;

fn sample(millis: i64, base_fee: u128) -> FeeSample {
    FeeSample { at: at(millis), base_fee }
}

async fn one_sample_a_slot_is_kept(store: Arc<dyn Store>) {
    let first = at(0).millis().div_euclid(FEE_SLOT_MS) * FEE_SLOT_MS - at(0).millis();
    let slots = [first + FEE_SLOT_MS, first, first + 2 * FEE_SLOT_MS];
    for start in slots {
        assert!(store.record_fee(CHAIN, sample(start, 7)).await.unwrap());
    }
    // a replica that looked at another moment of the slot
    assert!(!store.record_fee(CHAIN, sample(first + FEE_SLOT_MS - 1, 9)).await.unwrap());
    assert!(store.record_fee(CHAIN + 1, sample(first, 8)).await.unwrap(), "another chain");
    let since = |millis| store.fee_samples(CHAIN, at(millis));
    let all = [first, first + FEE_SLOT_MS, first + 2 * FEE_SLOT_MS].map(|start| sample(start, 7));
    assert_eq!(since(first).await.unwrap(), all);
    assert_eq!(
        since(first + FEE_SLOT_MS - 1).await.unwrap(),
        all,
        "from the beginning of the slot"
    );
    assert_eq!(since(first + FEE_SLOT_MS).await.unwrap(), all[1..]);
}

async fn an_absurd_base_fee_is_clamped(store: Arc<dyn Store>) {
    store.record_fee(CHAIN, sample(0, u128::MAX)).await.unwrap();
    store.record_fee(CHAIN, sample(FEE_SLOT_MS, 0)).await.unwrap();
    let stored = store.fee_samples(CHAIN, at(0)).await.unwrap();
    assert_eq!(stored, [sample(0, MAX_BASE_FEE), sample(FEE_SLOT_MS, 0)]);
}

async fn old_samples_are_pruned(store: Arc<dyn Store>) {
    for slot in 0..4 {
        store.record_fee(CHAIN, sample(slot * FEE_SLOT_MS, 1)).await.unwrap();
        store.record_fee(CHAIN + 1, sample(slot * FEE_SLOT_MS, 1)).await.unwrap();
    }
    assert_eq!(store.prune_fees(CHAIN, at(3 * FEE_SLOT_MS)).await.unwrap(), 3);
    assert_eq!(store.prune_fees(CHAIN, at(3 * FEE_SLOT_MS)).await.unwrap(), 0);
    let left = store.fee_samples(CHAIN, at(0)).await.unwrap();
    assert_eq!(left, [sample(3 * FEE_SLOT_MS, 1)]);
    assert_eq!(store.fee_samples(CHAIN + 1, at(0)).await.unwrap().len(), 4);
}

async fn the_last_first_send_is_that_of_its_kind(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let chain_id = world.stream.chain_id;
    let mint = StreamKind::Mint { collection: Address([7; 20]) };
    let last = |kind| world.store.last_first_send(chain_id, kind);
    assert_eq!(last(StreamKind::Anchor).await.unwrap(), None);
    world.badges(1).await;
    let batch = world.seal(&world.cut().await).await;
    world.fly(&lease, &batch).await;
    assert_eq!(last(StreamKind::Anchor).await.unwrap(), Some(at(2)));
    assert_eq!(last(mint).await.unwrap(), None);
    let elsewhere = world.store.last_first_send(chain_id + 1, StreamKind::Anchor).await;
    assert_eq!(elsewhere.unwrap(), None);
}
