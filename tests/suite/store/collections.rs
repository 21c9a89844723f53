//! Collections: volumes of an issuer, each with a stream of requests.

use std::sync::Arc;

use domain::{Control, IssuerId, NewCollection, StreamKind};
use futures::future::join_all;
use proof::{Address, Hash};
use store::{MintAnswer, Store, StoreError};

use super::mint_world::new_collection;
use super::world::{CHAIN_ID, World, at};
use crate::support::over_both_databases;

over_both_databases!(
    volumes_are_numbered_by_issuer,
    a_collection_is_recorded_once,
    a_collection_is_opened_once_by_many,
    requests_go_to_the_newest_volume,
    a_mint_stream_takes_no_badges,
);

async fn volumes_are_numbered_by_issuer(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let ours = Some(world.issuer.id);
    let mut recorded = Vec::new();
    for (number, issuer) in [(1, None), (2, ours), (3, None), (4, ours), (5, ours)] {
        recorded.push(world.collection(number, issuer).await);
    }
    let volumes: Vec<_> = recorded.iter().map(|one| (one.issuer, one.volume)).collect();
    assert_eq!(volumes, [(None, 1), (ours, 1), (None, 2), (ours, 2), (ours, 3)]);
    let shards: Vec<_> = recorded.iter().map(|one| one.stream.shard).collect();
    assert_eq!(shards, [0, 1, 2, 3, 4]);
    assert_eq!(recorded[1].stream.kind, StreamKind::Mint { collection: Address([2; 20]) });
    assert_eq!((recorded[1].from_block, recorded[1].code_hash), (4, Hash([0xc0; 32])));
    assert_eq!(world.store.collections().await.unwrap(), recorded);
    let views = world.store.streams().await.unwrap();
    assert_eq!(views.len(), 6);
    assert_eq!((views[2].stream.clone(), views[2].open()), (recorded[1].stream.clone(), 0));
}

async fn a_collection_is_recorded_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let given = new_collection(1, Some(world.issuer.id));
    let first = world.store.add_collection(&given, at(1)).await.unwrap();
    assert_eq!(world.store.add_collection(&given, at(9)).await.unwrap(), first);
    for other in [
        NewCollection { issuer: None, ..given.clone() },
        NewCollection { registry: Address([9; 20]), ..given.clone() },
        NewCollection { code_hash: Hash::ZERO, ..given.clone() },
        NewCollection { from_block: 5, ..given.clone() },
    ] {
        let refused = world.store.add_collection(&other, at(2)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let stranger = new_collection(2, Some(IssuerId(999)));
    let refused = world.store.add_collection(&stranger, at(2)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let elsewhere = NewCollection { chain_id: 1, ..given };
    assert_eq!(world.store.add_collection(&elsewhere, at(3)).await.unwrap().volume, 1);
    assert_eq!(world.store.collections().await.unwrap().len(), 2);
    assert_eq!(world.store.streams().await.unwrap().len(), 3, "nothing of the refused stays");
}

async fn a_collection_is_opened_once_by_many(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let starts = (0..8_u8).map(|start| {
        let store = Arc::clone(&world.store);
        let given = new_collection(start % 2, Some(world.issuer.id));
        tokio::spawn(async move { store.add_collection(&given, at(0)).await.unwrap() })
    });
    let opened = join_all(starts.collect::<Vec<_>>()).await;
    let mut volumes: Vec<_> = opened.into_iter().map(|one| one.unwrap().volume).collect();
    volumes.sort_unstable();
    assert_eq!(volumes, [1, 1, 1, 1, 2, 2, 2, 2]);
    assert_eq!(world.store.collections().await.unwrap().len(), 2);
}

async fn requests_go_to_the_newest_volume(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(5).await;
    assert_eq!(world.request(badges[0], 1, None).await, MintAnswer::NoCollection);
    let elsewhere = NewCollection { chain_id: CHAIN_ID + 1, ..new_collection(9, None) };
    world.store.add_collection(&elsewhere, at(0)).await.unwrap();
    let other_registry = NewCollection { registry: Address([8; 20]), ..new_collection(8, None) };
    world.store.add_collection(&other_registry, at(0)).await.unwrap();
    assert_eq!(world.request(badges[0], 1, None).await, MintAnswer::NoCollection);

    let identifier = "did:web:other.example".parse().unwrap();
    let other = world.store.add_issuer(world.account.id, &identifier, &[], Control::Manual, at(0));
    let other = other.await.unwrap();
    let mut expected = Vec::new();
    let opened = [(1, None), (2, Some(other.id)), (3, None), (4, Some(world.issuer.id)), (5, None)];
    for (badge, (number, issuer)) in badges.iter().zip(opened) {
        let newest = world.collection(number, issuer).await;
        if issuer != Some(other.id) && number != 5 {
            expected.push(newest.stream.clone());
        } else {
            expected.push(expected.last().unwrap().clone());
        }
        let MintAnswer::Requested(token) = world.request(*badge, 1, None).await else {
            panic!("refused");
        };
        assert_eq!(token.stream, *expected.last().unwrap(), "{number}");
        assert_eq!(token.stream.id, token.position.stream());
        // intake chooses alike
        let badge = world.badges_of(&[1]).await[0];
        assert_eq!(world.token(badge).await.stream, token.stream);
    }
}

async fn a_mint_stream_takes_no_badges(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let refused = world.store.accept(collection.stream.id, &[world.submission()]).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let facts = &world.stream;
    let again =
        world.store.stream(CHAIN_ID, facts.registry, &facts.service, facts.promise_ms, at(3)).await;
    assert_eq!(again.unwrap(), *facts, "an anchor stream is never a mint stream");
}
