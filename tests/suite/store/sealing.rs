//! Cut and seal: ranges, repeats, races.

use std::sync::Arc;

use domain::{Batch, BatchState, Position, Seal, StreamId, Submission};
use futures::future::join_all;
use proof::Hash;
use store::{RangeEntry, Store, StoreError};

use super::world::{HOUR_MS, PROMISE_MS, World, at};
use crate::support::over_both_databases;

over_both_databases!(
    a_stream_shows_its_open_badges,
    a_cut_takes_the_range_and_its_earliest_deadline,
    a_range_is_cut_once,
    overlaps_and_gaps_are_refused,
    of_two_workers_one_cuts,
    entries_come_in_pages_by_position,
    a_seal_may_be_repeated_but_not_changed,
    workers_seal_the_same_batch_at_the_same_time,
    a_commitment_names_one_batch,
);

async fn a_stream_shows_its_open_badges(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = Position::first_of(world.stream.id);
    let empty = world.view().await;
    assert_eq!((empty.open_from, empty.next, empty.open_since), (first, first, None));
    assert_eq!((empty.open_deadline_at, empty.cut.len()), (None, 0));

    let windows = [(10, None), (20, Some(at(-HOUR_MS))), (5, None)];
    for (accepted, window_started_at) in windows {
        let badge =
            Submission { accepted_at: at(accepted), window_started_at, ..world.submission() };
        world.accept(&[badge]).await;
    }
    let view = world.view().await;
    assert_eq!((view.open(), view.open_from), (3, first));
    assert_eq!(view.open_since, Some(at(5)));
    assert_eq!(view.open_deadline_at, Some(at(-HOUR_MS + PROMISE_MS)));

    let cut = world.store.cut(world.stream.id, first, first.plus(2), at(30)).await.unwrap();
    let view = world.view().await;
    assert_eq!((view.open_from, view.open()), (first.plus(2), 1));
    assert_eq!(view.open_since, Some(at(5)));
    assert_eq!(view.open_deadline_at, Some(at(5 + PROMISE_MS)));
    assert_eq!(view.cut, [cut.unwrap()]);
}

async fn a_cut_takes_the_range_and_its_earliest_deadline(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let early = Submission { window_started_at: Some(at(-7)), ..world.submission() };
    world.accept(&[world.submission(), early, world.submission()]).await;
    let batch = world.cut().await;
    assert_eq!(
        batch,
        Batch {
            id: batch.id,
            stream: world.stream.id,
            first: Position::first_of(world.stream.id),
            end: Position::first_of(world.stream.id).plus(3),
            cut_at: at(1),
            deadline_at: at(-7 + PROMISE_MS),
            state: BatchState::Cut,
        }
    );
    assert_eq!(world.batch(batch.id).await, batch);
}

async fn a_range_is_cut_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.badges(4).await;
    let first = Position::first_of(world.stream.id);
    let cut = |end| world.store.cut(world.stream.id, first, first.plus(end), at(1));
    assert!(cut(2).await.unwrap().is_some());
    assert_eq!(cut(2).await.unwrap(), None, "the same range");
    assert_eq!(cut(4).await.unwrap(), None, "from the same position");
    assert_eq!(world.store.all_batches(None, 10).await.unwrap().len(), 1);
}

async fn overlaps_and_gaps_are_refused(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = Position::first_of(world.stream.id);
    world.badges(6).await;
    world.store.cut(world.stream.id, first, first.plus(3), at(1)).await.unwrap().unwrap();
    let other = Position::first_of(StreamId(world.stream.id.0 + 1));
    let wrong = [
        ("overlap", first.plus(1), first.plus(5)),
        ("gap", first.plus(4), first.plus(6)),
        ("empty", first.plus(3), first.plus(3)),
        ("backwards", first.plus(3), first.plus(2)),
        ("beyond the last", first.plus(3), first.plus(7)),
        ("another stream", other, other.plus(1)),
        ("into another stream", first.plus(3), other.plus(1)),
    ];
    for (case, from, end) in wrong {
        let refused = world.store.cut(world.stream.id, from, end, at(1)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{case}: {refused:?}");
    }
    assert_eq!(world.view().await.open_from, first.plus(3), "nothing was cut");
    let rest = world.store.cut(world.stream.id, first.plus(3), first.plus(6), at(1)).await;
    assert!(rest.unwrap().is_some());
}

async fn of_two_workers_one_cuts(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    for _ in 0..10 {
        world.badges(3).await;
        let view = world.view().await;
        let cuts = (1..=3).map(|count| {
            let (store, stream, from) = (Arc::clone(&world.store), view.stream.id, view.open_from);
            tokio::spawn(async move { store.cut(stream, from, from.plus(count), at(1)).await })
        });
        let cuts = join_all(cuts.collect::<Vec<_>>()).await;
        let won = cuts.into_iter().filter_map(|cut| cut.unwrap().unwrap()).count();
        assert_eq!(won, 1);
        if world.view().await.open() > 0 {
            world.cut().await;
        }
    }
}

async fn entries_come_in_pages_by_position(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let submissions: Vec<_> = (0..5).map(|_| world.submission()).collect();
    let accepted = world.accept(&submissions).await;
    let expected: Vec<_> = submissions
        .iter()
        .zip(&accepted)
        .map(|(submission, accepted)| RangeEntry {
            position: accepted.position,
            entry: proof::Entry {
                rule: submission.rule,
                issuer: world.issuer.identifier.hash(),
                digest: submission.digest,
                salt: submission.salt,
            },
        })
        .collect();
    let first = Position::first_of(world.stream.id);
    let entries = |from, end, limit| world.store.entries(first.plus(from), first.plus(end), limit);
    assert_eq!(entries(0, 5, 100).await.unwrap(), expected);
    assert_eq!(entries(0, 5, 2).await.unwrap(), expected[..2]);
    assert_eq!(entries(2, 4, 100).await.unwrap(), expected[2..4]);
    assert_eq!(entries(5, 9, 100).await.unwrap(), []);
}

async fn a_seal_may_be_repeated_but_not_changed(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.badges(3).await;
    let batch = world.cut().await;
    let seal = world.build(&batch).await;
    let sealed = world.store.seal(batch.id, seal).await.unwrap();
    assert_eq!(sealed, batch.sealed(seal).unwrap());
    assert_eq!(world.store.seal(sealed.id, seal).await.unwrap(), sealed);
    for other in [
        Seal { root: world.random(), ..seal },
        Seal { commitment: world.random(), ..seal },
        Seal { blockcerts_root: world.random(), ..seal },
    ] {
        let refused = world.store.seal(sealed.id, other).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(world.batch(sealed.id).await, sealed);

    // a slow worker seals again after the others went on
    let lease = world.lease().await;
    world.fly(&lease, &sealed).await;
    let later = world.store.seal(sealed.id, seal).await.unwrap();
    assert!(matches!(later.state, BatchState::InFlight { .. }), "{later:?}");
}

async fn workers_seal_the_same_batch_at_the_same_time(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    world.badges(300).await;
    let batch = world.cut().await;
    let workers = (0..4).map(|_| {
        let (world, batch) = (Arc::clone(&world), batch.clone());
        tokio::spawn(async move { world.seal(&batch).await })
    });
    let sealed = join_all(workers.collect::<Vec<_>>()).await;
    let sealed: Vec<_> = sealed.into_iter().map(Result::unwrap).collect();
    assert!(sealed.iter().all(|batch| *batch == sealed[0]));
    assert!(world.view().await.cut.is_empty());
}

async fn a_commitment_names_one_batch(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let first = world.sealed(1).await;
    world.badges(1).await;
    let second = world.cut().await;
    let refused = world.store.seal(second.id, *first.seal().unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.batch(second.id).await.state, BatchState::Cut);
    let commitment = first.seal().unwrap().commitment;
    assert_eq!(world.store.batch_by_commitment(commitment).await.unwrap(), Some(first));
    assert_eq!(world.store.batch_by_commitment(Hash::ZERO).await.unwrap(), None);
}
