//! The lease: one writer per signer, told apart by the epoch.

use std::sync::Arc;

use domain::{Block, BlockedReason, Effect, TransactionState};
use futures::future::join_all;
use store::{Lease, Store, StoreError, TimeSource};

use super::world::{HOUR_MS, LEASE_MS, World, at, confirmed, observed};
use crate::support::{Database, over_both_databases};

over_both_databases!(
    one_holder_at_a_time,
    renewing_keeps_the_epoch,
    a_takeover_raises_the_epoch,
    a_released_lease_is_free_at_once,
    of_many_workers_one_takes_it,
    a_stale_holder_writes_nothing,
    signers_have_leases_of_their_own,
);

async fn take(world: &World, holder: &str, millis: i64) -> Option<Lease> {
    world.store.lease(world.signer.id, holder, at(millis), LEASE_MS).await.unwrap()
}

async fn one_holder_at_a_time(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = take(&world, "one", 0).await.unwrap();
    assert_eq!(lease.signer, world.signer.id);
    assert_eq!(take(&world, "two", LEASE_MS - 1).await, None);
    assert_eq!(take(&world, "one", LEASE_MS - 1).await, Some(lease));
}

async fn renewing_keeps_the_epoch(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = take(&world, "one", 0).await;
    for millis in [5_000, 15_000, 30_000] {
        assert_eq!(take(&world, "one", millis).await, lease);
    }
    assert_eq!(take(&world, "two", 30_000 + LEASE_MS - 1).await, None, "from the last renewal");
}

async fn a_takeover_raises_the_epoch(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = take(&world, "one", 0).await.unwrap();
    let second = take(&world, "two", LEASE_MS + 1).await.unwrap();
    assert_eq!(second.epoch, first.epoch + 1);
    assert_eq!(take(&world, "one", LEASE_MS + 2).await, None);
    let third = take(&world, "one", 3 * LEASE_MS).await.unwrap();
    assert_eq!(third.epoch, first.epoch + 2);
}

async fn a_released_lease_is_free_at_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = take(&world, "one", 0).await.unwrap();
    world.store.release(&first).await.unwrap();
    let second = take(&world, "two", 1).await.unwrap();
    assert_eq!(second.epoch, first.epoch + 1);
    // what a stopping worker says late frees nothing of its successor
    let _ = world.store.release(&first).await;
    assert_eq!(take(&world, "three", 2).await, None);
}

async fn of_many_workers_one_takes_it(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    for round in 0..5 {
        let workers = (0..6).map(|worker| {
            let (store, signer) = (Arc::clone(&world.store), world.signer.id);
            let (holder, now) = (format!("worker-{round}-{worker}"), at(round * 2 * LEASE_MS));
            tokio::spawn(async move { store.lease(signer, &holder, now, LEASE_MS).await })
        });
        let taken = join_all(workers.collect::<Vec<_>>()).await;
        let taken = taken.into_iter().filter_map(|lease| lease.unwrap().unwrap()).count();
        assert_eq!(taken, 1);
    }
}

async fn a_stale_holder_writes_nothing(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let stale = take(&world, "one", 0).await.unwrap();
    let flying = world.sealed(2).await;
    let waiting = world.sealed(2).await;
    let transaction = world.fly(&stale, &flying).await;
    let lease = take(&world, "two", 2 * LEASE_MS).await.unwrap();
    let before = world.signer_view().await;

    let store = &world.store;
    let block = Block { number: 1, hash: world.random() };
    let seen = domain::Observation { at: block, ..observed(1, Effect::Pending) };
    let refused = [
        world.prepare(&stale, world.anchor(0, waiting.id)).await.map(|_| ()),
        store.block(&stale, waiting.id, BlockedReason::Funds, at(9)).await,
        store.bump(&stale, transaction, &world.attempt(9)).await,
        store.observe(&stale, transaction, &seen).await,
        world.conclude(&stale, transaction, confirmed(1)).await,
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::StaleLease)), "{result:?}");
    }
    assert_eq!(world.signer_view().await, before);
    let stored = store.transactions(world.signer.id, 0, 10).await.unwrap();
    assert!(stored.iter().all(|one| one.state == TransactionState::Live));
    assert_eq!(store.events(0, 10).await.unwrap(), []);
    world.conclude(&lease, transaction, confirmed(1)).await.unwrap();
}

async fn signers_have_leases_of_their_own(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let address = proof::Address([0x77; 20]);
    let other = world.store.signer(super::world::CHAIN_ID, address, 0, at(0)).await.unwrap();
    assert!(take(&world, "one", 0).await.is_some());
    let lease = world.store.lease(other.id, "two", at(0), LEASE_MS).await.unwrap();
    assert_eq!(lease.unwrap().signer, other.id);
}

/// Workers on several hosts, whose clocks may be wrong.
#[tokio::test]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn time_is_the_servers_on_postgres() {
    let database = Database::postgres().await;
    let world = World::on(database.open_by(TimeSource::Database).await.unwrap()).await;
    let lease = take(&world, "one", 0).await.unwrap();
    let in_a_century = 100 * 365 * 24 * HOUR_MS;
    assert_eq!(take(&world, "two", in_a_century).await, None, "the caller's clock says expired");
    assert_eq!(take(&world, "one", 0).await, Some(lease));
    world.store.close().await;
    database.drop().await;
}
