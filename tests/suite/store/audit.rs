//! What the auditor reads: all transactions with all attempts, and counts.

use std::sync::Arc;

use domain::{Purpose, TransactionState};
use store::{Store, StoredCounts};

use super::world::{BASE_NONCE, World, at};
use crate::support::over_both_databases;

over_both_databases!(transactions_come_with_their_attempts, counts_are_of_all_streams, ready);

async fn transactions_come_with_their_attempts(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let mut expected = Vec::new();
    for bumps in [2, 0, 1] {
        let batch = world.sealed(1).await;
        let anchor = world.anchor(0, batch.id);
        let transaction = world.prepare(&lease, anchor.clone()).await.unwrap();
        let mut attempts = vec![anchor.attempt];
        for bump in 0..bumps {
            let attempt = world.attempt(2 + bump);
            world.store.bump(&lease, transaction, &attempt).await.unwrap();
            attempts.push(attempt);
        }
        expected.push((transaction, batch.id, attempts));
    }
    let stored = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    assert_eq!(stored.len(), 3);
    for (nonce, (stored, (id, batch, attempts))) in (BASE_NONCE..).zip(stored.iter().zip(&expected))
    {
        assert_eq!((stored.id, stored.signer, stored.nonce), (*id, world.signer.id, nonce));
        assert_eq!(stored.purpose, Purpose::Anchor { batch: *batch });
        assert_eq!(stored.state, TransactionState::Live);
        let forms: Vec<_> = stored.attempts.iter().map(|one| one.attempt.clone()).collect();
        assert_eq!(&forms, attempts);
        assert!(stored.attempts.is_sorted_by_key(|one| one.id));
    }
    let page = |from, limit| world.store.transactions(world.signer.id, from, limit);
    assert_eq!(page(BASE_NONCE + 1, 10).await.unwrap(), stored[1..]);
    assert_eq!(page(BASE_NONCE, 2).await.unwrap(), stored[..2]);
    assert_eq!(page(BASE_NONCE + 3, 10).await.unwrap(), []);
}

async fn counts_are_of_all_streams(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    assert_eq!(world.store.counts().await.unwrap(), StoredCounts::default());
    let facts = &world.stream;
    let other = world.store.stream(1, facts.registry, &facts.service, 1000, at(0)).await.unwrap();
    world.badges(3).await;
    let elsewhere = [world.submission(), world.submission()];
    world.store.accept(other.id, &elsewhere).await.unwrap();
    let counts = world.store.counts().await.unwrap();
    assert_eq!(counts, StoredCounts { badges: 5, positions: 5, erased: 0, tokens: 0 });
}

async fn ready(store: Arc<dyn Store>) {
    store.ready().await.unwrap();
    store.close().await;
    assert!(store.ready().await.is_err(), "a closed store is not ready");
}
