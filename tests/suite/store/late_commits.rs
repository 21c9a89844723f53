//! Many writers, sealing all the time: no accepted badge may fall behind a sealed range.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{BatchState, Position, StreamId, Submission};
use futures::future::join_all;
use proof::{Hash, TileId};
use store::Store;

use super::world::{World, at, build};
use crate::support::over_both_databases;

over_both_databases!(
    every_leaf_is_in_exactly_one_batch,
    one_badge_from_many_writers_is_stored_once,
    one_badge_in_two_streams_is_stored_once,
);

const WRITERS: usize = 6;
const CALLS: usize = 20;
const SEALERS: usize = 2;

async fn every_leaf_is_in_exactly_one_batch(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let writers = (0..WRITERS).map(|writer| {
        let (world, writing) = (Arc::clone(&world), Arc::clone(&writing));
        tokio::spawn(async move {
            let mut accepted = Vec::new();
            for call in 0..CALLS {
                let batch: Vec<_> =
                    (0..1 + (writer + call) % 4).map(|_| world.submission()).collect();
                let facts = world.accept(&batch).await;
                accepted.extend(facts.iter().map(|badge| badge.position));
            }
            writing.fetch_sub(1, Ordering::SeqCst);
            accepted
        })
    });
    let sealers = (0..SEALERS).map(|_| {
        let (world, writing) = (Arc::clone(&world), Arc::clone(&writing));
        tokio::spawn(async move {
            loop {
                // read before looking: a writer that ended later may have left open badges
                let last_look = writing.load(Ordering::SeqCst) == 0;
                if !cut_and_seal(&world).await && last_look {
                    return;
                }
            }
        })
    });
    let (writers, sealers): (Vec<_>, Vec<_>) = (writers.collect(), sealers.collect());
    let mut accepted = Vec::new();
    for writer in join_all(writers).await {
        accepted.extend(writer.unwrap());
    }
    for sealer in join_all(sealers).await {
        sealer.unwrap();
    }

    let leaves = sealed_leaves(&world).await;
    assert_eq!(leaves.len(), accepted.len(), "as many leaves as badges");
    for position in accepted {
        let badge = world.store.badge(position).await.unwrap().unwrap();
        assert_eq!(leaves.get(&position), Some(&badge.entry().leaf()), "{position}");
    }
}

/// One round of a sealing worker; whether there was anything open.
async fn cut_and_seal(world: &World) -> bool {
    let view = world.view().await;
    for batch in &view.cut {
        world.seal(batch).await;
    }
    if view.open() == 0 {
        return !view.cut.is_empty();
    }
    let cut = world.store.cut(world.stream.id, view.open_from, view.next, at(1)).await.unwrap();
    if let Some(batch) = cut {
        world.seal(&batch).await;
    }
    true
}

/// The leaf of each position in all sealed batches.
async fn sealed_leaves(world: &World) -> BTreeMap<Position, Hash> {
    let mut leaves = BTreeMap::new();
    let batches = world.store.all_batches(None, 10_000).await.unwrap();
    let mut expected_first = Position::first_of(world.stream.id);
    for batch in &batches {
        assert!(matches!(batch.state, BatchState::Sealed { .. }), "{batch:?}");
        assert_eq!(batch.first, expected_first, "ranges touch");
        expected_first = batch.end;
        // a second build of a sealed range gives the same seal
        assert_eq!(Some(&build(&*world.store, batch).await), batch.seal());
        for index in 0..batch.len() {
            let id = TileId { level: 0, index: index / 256 };
            let tile = world.store.tile(batch.id, id).await.unwrap().unwrap();
            let leaf = tile.hashes[usize::try_from(index % 256).unwrap()];
            assert_eq!(leaves.insert(batch.first.plus(index), leaf), None);
        }
    }
    leaves
}

async fn one_badge_from_many_writers_is_stored_once(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let badges = write_at_once(&world, &[world.stream.id]).await;
    assert_eq!(world.view().await.open(), badges, "no position without a badge");
}

/// Here no one row is locked by all writers.
async fn one_badge_in_two_streams_is_stored_once(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let facts = &world.stream;
    let other = world.store.stream(1, facts.registry, &facts.service, 1000, at(0)).await;
    let badges = write_at_once(&world, &[facts.id, other.unwrap().id]).await;
    assert_eq!(world.store.counts().await.unwrap().positions, badges);
}

/// Many writers accept the same badges in turn into these streams; how many badges they were.
async fn write_at_once(world: &Arc<World>, streams: &[StreamId]) -> u64 {
    let badges: Vec<_> = (0..20).map(|_| world.submission()).collect();
    let writers = (0..WRITERS).map(|writer| {
        let (world, stream) = (Arc::clone(world), streams[writer % streams.len()]);
        let mut mine: Vec<_> = badges
            .iter()
            .map(|badge| Submission { salt: world.random(), ..badge.clone() })
            .collect();
        // writers meet the badges in different order
        mine.rotate_left(writer * 3);
        tokio::spawn(async move {
            let accepted = world.store.accept(stream, &mine).await.unwrap();
            let facts = mine.iter().zip(accepted);
            facts.map(|(badge, facts)| (badge.digest, (facts.position, facts.salt))).collect()
        })
    });
    let answers: Vec<BTreeMap<Hash, (Position, Hash)>> =
        join_all(writers.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers[0].len(), badges.len());
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one promise for all");
    let badges = badges.len() as u64;
    assert_eq!(world.store.counts().await.unwrap().badges, badges);
    badges
}
