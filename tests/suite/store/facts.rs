//! Streams, registries, receipt keys, trust files: what receipts and verifiers rest on.

use std::sync::Arc;

use domain::{Position, Stream, StreamKind};
use futures::future::join_all;
use proof::{Address, Hash, TrustFile};
use store::{ReceiptKeyRecord, RegistryRecord, Store, StoreError};

use super::world::{CHAIN_ID, PROMISE_MS, REGISTRY, SERVICE, World, at};
use crate::support::over_both_databases;

over_both_databases!(
    the_same_facts_are_the_same_stream,
    other_facts_are_another_stream,
    a_stream_is_created_once_by_many,
    a_registry_is_recorded_once,
    receipt_keys_are_listed_by_time,
    trust_files_are_numbered,
);

async fn the_same_facts_are_the_same_stream(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let again = world.store.stream(CHAIN_ID, REGISTRY, SERVICE, PROMISE_MS, at(1)).await;
    assert_eq!(again.unwrap(), world.stream);
    let expected = Stream {
        id: world.stream.id,
        chain_id: CHAIN_ID,
        registry: REGISTRY,
        service: SERVICE.to_owned(),
        kind: StreamKind::Anchor,
        shard: 0,
        promise_ms: PROMISE_MS,
    };
    assert_eq!(world.stream, expected);
    assert_eq!(world.view().await.open_from, Position::first_of(expected.id));
    assert_eq!(world.store.streams().await.unwrap().len(), 1);
}

async fn other_facts_are_another_stream(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let badges = world.badges(2).await;
    let stream = |chain, registry, service: &'static str, promise| {
        let store = Arc::clone(&world.store);
        async move { store.stream(chain, registry, service, promise, at(1)).await.unwrap() }
    };
    let shorter = stream(CHAIN_ID, REGISTRY, SERVICE, PROMISE_MS / 2).await;
    let renamed = stream(CHAIN_ID, REGISTRY, "https://new.example/", PROMISE_MS).await;
    let elsewhere = stream(1, REGISTRY, SERVICE, PROMISE_MS).await;
    let other = stream(CHAIN_ID, Address([9; 20]), SERVICE, PROMISE_MS).await;
    let shards = [&shorter, &renamed, &elsewhere, &other].map(|stream| stream.shard);
    assert_eq!(shards, [1, 2, 0, 0]);
    assert_eq!(stream(CHAIN_ID, REGISTRY, SERVICE, PROMISE_MS / 2).await, shorter);
    let ids: Vec<_> =
        world.store.streams().await.unwrap().iter().map(|view| view.stream.id).collect();
    assert_eq!(ids.len(), 5);
    // what was promised under the old facts stands
    let stored = world.store.badge(badges[0]).await.unwrap().unwrap();
    assert_eq!(stored.stream, world.stream);
}

async fn a_stream_is_created_once_by_many(store: Arc<dyn Store>) {
    let starts = (0..8).map(|number| {
        let store = Arc::clone(&store);
        let promise_ms = PROMISE_MS + number % 2;
        tokio::spawn(async move {
            store.stream(CHAIN_ID, REGISTRY, SERVICE, promise_ms, at(0)).await.unwrap().id
        })
    });
    let ids = join_all(starts.collect::<Vec<_>>()).await;
    let mut ids: Vec<_> = ids.into_iter().map(Result::unwrap).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2);
    assert_eq!(store.streams().await.unwrap().len(), 2);
}

async fn a_registry_is_recorded_once(store: Arc<dyn Store>) {
    let record = |number: u8, millis| RegistryRecord {
        chain_id: CHAIN_ID,
        address: Address([number; 20]),
        from_block: u64::from(number),
        code_hash: Hash([number; 32]),
        created_at: at(millis),
    };
    let (later, earlier) = (record(1, 20), record(2, 10));
    for one in [later, earlier, RegistryRecord { created_at: at(30), ..later }] {
        store.add_registry(&one).await.unwrap();
    }
    assert_eq!(store.registries().await.unwrap(), [earlier, later]);
    for other in [
        RegistryRecord { code_hash: Hash::ZERO, ..later },
        RegistryRecord { from_block: 77, ..later },
    ] {
        let refused = store.add_registry(&other).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    store.add_registry(&RegistryRecord { chain_id: 1, ..later }).await.unwrap();
    assert_eq!(store.registries().await.unwrap().len(), 3);
}

async fn receipt_keys_are_listed_by_time(store: Arc<dyn Store>) {
    let key = |number: u8, millis| ReceiptKeyRecord {
        key_id: Hash::of(&[&[number; 32]]),
        public_key: [number; 32],
        not_before: at(millis),
        not_after: None,
        revoked_at: None,
    };
    let (later, earlier) = (key(1, 20), ReceiptKeyRecord { not_after: Some(at(15)), ..key(2, 10) });
    for one in [later, earlier, ReceiptKeyRecord { not_before: at(99), ..later }] {
        store.add_receipt_key(&one).await.unwrap();
    }
    assert_eq!(store.receipt_keys().await.unwrap(), [earlier, later]);
}

async fn trust_files_are_numbered(store: Arc<dyn Store>) {
    assert_eq!(store.trust_history().await.unwrap(), []);
    let mut published = Vec::new();
    let file = |service: &str| TrustFile {
        service: service.to_owned(),
        registries: Vec::new(),
        receipt_keys: Vec::new(),
        issuers: Vec::new(),
        published_at: at(1),
    };
    for (service, number) in [("a", 1), ("한", 2), ("a", 3)] {
        published.push(store.publish_trust(&file(service), number - 1, at(number)).await.unwrap());
    }
    for stale in [0, 2, 4] {
        let refused = store.publish_trust(&file("b"), stale, at(4)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let versions: Vec<_> = published.iter().map(|one| (one.version, one.published_at)).collect();
    assert_eq!(versions, [(1, at(1)), (2, at(2)), (3, at(3))]);
    assert_eq!(published[1].document, file("한").to_json());
    assert_eq!(store.trust_history().await.unwrap(), published);
}
