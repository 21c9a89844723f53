//! Mint batches: leaves in the order of owners, vacated ranges, splits.

use std::sync::Arc;

use domain::{Batch, BatchState, MintState, PromiseStatus, Seal, Submission};
use futures::future::join_all;
use proof::{Address, TokenId, path_from_tiles, tiles_for_path, verify_inclusion};
use store::{Store, StoreError};

use super::mint_world::{build, indexes, owner};
use super::world::{CHAIN_ID, World, at};
use crate::support::over_both_databases;

over_both_databases!(
    leaves_stand_in_the_order_of_owners,
    a_seal_names_each_request_once,
    workers_seal_the_same_mint_batch,
    a_token_is_found_by_its_id,
    tokens_are_listed_by_owner_and_collection,
    a_badge_alone_has_two_commitments,
    a_range_that_all_left_is_vacated,
    a_split_keeps_each_request_once,
    a_split_ends_what_nobody_wants,
    only_a_waiting_mint_batch_is_split,
    a_mint_range_is_bounded,
    the_promise_counts_a_badge_once,
);

async fn leaves_stand_in_the_order_of_owners(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badges = world.badges_of(&[3, 1, 3, 2, 9]).await;
    world.revoke_badge(badges[4]).await;
    let batch = world.cut_mint(&collection).await;
    assert_eq!(batch.len(), 5);
    let sealed = world.seal_mint(&batch).await;
    let seal = *sealed.seal().unwrap();
    assert_eq!(seal.size, 4, "the withdrawn one has no leaf");
    assert_eq!(world.batch(batch.id).await, sealed);
    let found = indexes(&*world.store, &badges[..4]).await;
    assert_eq!(found, [Some(2), Some(0), Some(3), Some(1)]);
    let owners = world.store.owners(batch.id).await.unwrap();
    assert_eq!(owners, [1, 2, 3, 3].map(owner));
    assert_eq!(seal.owners_hash, Some(proof::owners_hash(seal.commitment, &owners)));

    for badge in &badges[..4] {
        let index = u64::from(world.token(*badge).await.index.unwrap());
        let mut tiles = Vec::new();
        for id in tiles_for_path(index, seal.size).unwrap() {
            tiles.push(world.store.tile(batch.id, id).await.unwrap().unwrap());
        }
        let tile = |id| tiles.iter().find(|tile| tile.id == id).cloned();
        let path = path_from_tiles(index, seal.size, tile).unwrap();
        let salt = world.token(*badge).await.salt.unwrap();
        let entry = world.store.badge(*badge).await.unwrap().unwrap().entry();
        let leaf = proof::Entry { salt, ..entry }.leaf();
        verify_inclusion(leaf, index, seal.size, &path, seal.root).unwrap();
    }
    assert_eq!(world.store.batches(None, 10).await.unwrap(), std::slice::from_ref(&sealed));
    let found = world.store.batch_by_commitment(seal.commitment).await.unwrap();
    assert_eq!(found, Some(sealed));
}

async fn a_seal_names_each_request_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    world.badges_of(&[2, 1, 2]).await;
    let batch = world.cut_mint(&collection).await;
    let entries = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    let (order, seal, _) = build(entries);
    let [a, b, c] = order[..] else { panic!("{order:?}") };
    for wrong in [vec![b, a, c], vec![a, b], vec![a, b, b], vec![a, b, c, c], vec![a, c, b]] {
        let seal = Seal { size: wrong.len() as u64, ..seal };
        let refused = world.store.seal_mint(batch.id, seal, &wrong).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{wrong:?}: {refused:?}");
    }
    let without = Seal { owners_hash: None, ..seal };
    for refused in [
        world.store.seal_mint(batch.id, without, &order).await,
        world.store.seal(batch.id, seal).await,
        world.store.seal(batch.id, without).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let sealed = world.store.seal_mint(batch.id, seal, &order).await.unwrap();
    assert_eq!(sealed, batch.sealed(seal).unwrap());
    assert_eq!(world.store.seal_mint(sealed.id, seal, &order).await.unwrap(), sealed);
    let other = Seal { root: world.random(), ..seal };
    let refused = world.store.seal_mint(sealed.id, other, &order).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let anchored = world.cut().await;
    let refused = world.store.seal_mint(anchored.id, seal, &order).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let none = world.store.owners(anchored.id).await;
    assert!(matches!(none, Err(StoreError::NotFound)), "{none:?}");
}

async fn workers_seal_the_same_mint_batch(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let collection = world.collection(1, None).await;
    world.badges_of(&[5; 60]).await;
    let batch = world.cut_mint(&collection).await;
    let workers = (0..4).map(|_| {
        let (world, batch) = (Arc::clone(&world), batch.clone());
        tokio::spawn(async move { world.seal_mint(&batch).await })
    });
    let sealed = join_all(workers.collect::<Vec<_>>()).await;
    let sealed: Vec<_> = sealed.into_iter().map(Result::unwrap).collect();
    assert!(sealed.iter().all(|batch| *batch == sealed[0]));
    assert!(world.mint_view(&collection).await.cut.is_empty());
}

async fn a_token_is_found_by_its_id(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let own = world.collection(2, Some(world.issuer.id)).await;
    let contract = Address([2; 20]);
    for round in 0..3 {
        world.sealed_mint(&own, &[4, 3, round + 1]).await;
    }
    let (batch, badges) = world.sealed_mint(&own, &[8, 6, 7]).await;
    for badge in badges {
        let token = world.token(badge).await;
        let id = token.id().unwrap();
        assert_eq!(id, TokenId::of(batch.seal().unwrap().commitment, token.index.unwrap()));
        let found = |chain, contract, id| world.store.token(chain, contract, id);
        assert_eq!(found(CHAIN_ID, contract, id).await.unwrap(), Some(token));
        assert_eq!(found(CHAIN_ID + 1, contract, id).await.unwrap(), None);
        let other = collection.stream.kind.collection().unwrap();
        assert_eq!(found(CHAIN_ID, other, id).await.unwrap(), None);
        for index in [3, u32::MAX] {
            let beyond = TokenId::of(proof::Hash(id.0), index);
            assert_eq!(found(CHAIN_ID, contract, beyond).await.unwrap(), None);
        }
    }
    let none = world.store.token(CHAIN_ID, contract, TokenId([0; 32])).await.unwrap();
    assert_eq!(none, None);
}

async fn tokens_are_listed_by_owner_and_collection(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let one = world.collection(1, None).await;
    let (_, first) = world.sealed_mint(&one, &[5, 6, 5]).await;
    let two = world.collection(2, None).await;
    let (_, second) = world.sealed_mint(&two, &[5, 5]).await;
    let open = world.badges_of(&[5]).await[0];
    let badges = |tokens: Vec<domain::Token>| -> Vec<_> {
        tokens.into_iter().map(|token| token.badge.unwrap()).collect()
    };
    let of_owner = |number, after, limit| world.store.tokens_of_owner(owner(number), after, limit);
    let mine = of_owner(5, None, 10).await.unwrap();
    let places: Vec<_> = mine.iter().map(|token| token.position).collect();
    assert!(places.is_sorted());
    assert_eq!(badges(mine), [first[0], first[2], second[0], second[1]]);
    assert_eq!(badges(of_owner(5, None, 3).await.unwrap()), [first[0], first[2], second[0]]);
    assert_eq!(badges(of_owner(5, Some(places[2]), 10).await.unwrap()), [second[1]]);
    assert_eq!(badges(of_owner(6, None, 10).await.unwrap()), [first[1]]);
    assert_eq!(of_owner(7, None, 10).await.unwrap(), []);

    let of = |number, after, limit| {
        world.store.tokens_of_collection(CHAIN_ID, Address([number; 20]), after, limit)
    };
    let all = of(1, None, 10).await.unwrap();
    let place = all[0].position;
    assert_eq!(badges(all), first);
    assert_eq!(badges(of(1, None, 2).await.unwrap()), first[..2]);
    assert_eq!(badges(of(1, Some(place), 10).await.unwrap()), first[1..]);
    assert_eq!(badges(of(2, None, 10).await.unwrap()), second);
    assert_eq!(badges(of(2, Some(place), 10).await.unwrap()), second);
    assert_eq!(of(3, None, 10).await.unwrap(), []);
    assert_eq!(world.token(open).await.state(), MintState::Requested);
}

/// A badge alone in its anchor batch and alone in its mint batch.
async fn a_badge_alone_has_two_commitments(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let (minted, badges) = world.sealed_mint(&collection, &[1]).await;
    let anchored = world.cut().await;
    let anchored = world.seal(&anchored).await;
    for batch in [&minted, &anchored] {
        let found = world.store.batch_by_commitment(batch.seal().unwrap().commitment).await;
        assert_eq!(found.unwrap().as_ref(), Some(batch));
    }
    let badge = world.store.badge(badges[0]).await.unwrap().unwrap();
    assert_eq!(badge.batch, Some(anchored));
    assert_eq!(world.token(badges[0]).await.batch, Some(minted.clone()));
    // and one more when a lost wallet is replaced, alone again
    world.request(badges[0], 2, Some(1)).await;
    let again = world.cut_mint(&collection).await;
    let again = world.seal_mint(&again).await;
    assert_ne!(again.seal().unwrap().commitment, minted.seal().unwrap().commitment);
}

async fn a_range_that_all_left_is_vacated(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let badges = world.badges_of(&[1, 2]).await;
    world.revoke_badge(badges[0]).await;
    let batch = world.cut_mint(&collection).await;
    let refused = world.store.vacate(batch.id).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "one stands: {refused:?}");
    world.seal_mint(&batch).await;
    let refused = world.store.vacate(batch.id).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "sealed: {refused:?}");

    for badge in world.badges_of(&[3, 4]).await {
        world.revoke_badge(badge).await;
    }
    let empty = world.cut_mint(&collection).await;
    assert_eq!(world.store.mint_entries(empty.first, empty.end).await.unwrap(), []);
    for _ in 0..2 {
        world.store.vacate(empty.id).await.unwrap();
    }
    assert_eq!(world.batch(empty.id).await.state, BatchState::Vacated);
    let view = world.mint_view(&collection).await;
    assert_eq!((view.open(), view.cut), (0, Vec::new()));
    assert_eq!(world.store.batches(None, 10).await.unwrap().len(), 1);
    assert_eq!(world.signer_view().await.waiting.len(), 1);
    let (next, _) = world.sealed_mint(&collection, &[5]).await;
    assert_eq!(next.first, empty.end);
    let anchored = world.cut().await;
    let refused = world.store.vacate(anchored.id).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

async fn a_split_keeps_each_request_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[5, 4, 3, 2, 1]).await;
    // a range in the middle, then the last one
    let (last, _) = world.sealed_mint(&collection, &[6, 7]).await;
    let entries = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    let old = *batch.seal().unwrap();
    let tiles = world.store.tiles(batch.id, None, 10).await.unwrap();
    world.store.split(batch.id, batch.first.plus(2), at(3)).await.unwrap();

    let halves = world.mint_view(&collection).await.cut;
    let ranges: Vec<_> = halves.iter().map(|half| (half.first, half.end)).collect();
    let middle = batch.first.plus(2);
    assert_eq!(ranges, [(batch.first, middle), (middle, batch.end)]);
    let facts = |half: &Batch| (half.cut_at, half.deadline_at);
    assert_eq!(halves.iter().map(facts).collect::<Vec<_>>(), [(at(3), batch.deadline_at); 2]);
    assert_eq!(indexes(&*world.store, &badges).await, [None; 5]);
    assert_eq!(world.store.mint_entries(batch.first, batch.end).await.unwrap(), entries);
    // the id of the whole is gone, and nothing that a slow worker does under it counts
    let order: Vec<_> = build(entries).0;
    for refused in [
        world.store.seal_mint(batch.id, old, &order).await.map(drop),
        world.store.put_tiles(batch.id, &[]).await,
        world.store.vacate(batch.id).await,
        world.store.split(batch.id, middle, at(4)).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    assert_eq!(tiles.len(), 1);
    assert_eq!(world.store.tiles(batch.id, None, 10).await.unwrap(), []);
    assert_eq!(world.store.batch_by_commitment(old.commitment).await.unwrap(), None);
    for half in &halves {
        assert_ne!(half.id, batch.id);
        world.seal_mint(half).await;
    }
    let found = indexes(&*world.store, &badges).await;
    assert_eq!(found, [Some(1), Some(0), Some(2), Some(1), Some(0)]);

    world.store.split(last.id, last.first.plus(1), at(5)).await.unwrap();
    for half in world.mint_view(&collection).await.cut {
        world.seal_mint(&half).await;
    }
    let batches = world.store.all_batches(None, 10).await.unwrap();
    assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), [2, 3, 1, 1]);
    assert!(batches.windows(2).all(|pair| pair[0].end == pair[1].first));
    let (next, _) = world.sealed_mint(&collection, &[8]).await;
    assert_eq!(next.first, last.end);
}

async fn a_split_ends_what_nobody_wants(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1, 2, 3, 4]).await;
    world.revoke_badge(badges[0]).await;
    world.request(badges[1], 9, Some(2)).await;
    world.store.erase(world.account.id, badges[2], at(4)).await.unwrap();
    world.store.split(batch.id, batch.first.plus(3), at(5)).await.unwrap();
    let left = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    assert_eq!(left.iter().map(|entry| entry.owner).collect::<Vec<_>>(), [owner(4)]);
    let halves = world.mint_view(&collection).await.cut;
    world.store.vacate(halves[0].id).await.unwrap();
    assert_eq!(world.seal_mint(&halves[1]).await.seal().unwrap().size, 1);
    let replaced = world.store.tokens(badges[1]).await.unwrap();
    assert_eq!((replaced.len(), replaced[0].owner), (1, Some(owner(9))));
    // none of it waits for a revocation on chain
    let waiting = world.store.revocations(batch.first, batch.end, 10).await.unwrap();
    assert_eq!(waiting, []);
}

async fn only_a_waiting_mint_batch_is_split(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let anchored = world.sealed(2).await;
    world.badges_of(&[1, 2]).await;
    let cut = world.cut_mint(&collection).await;
    let split = |batch: &Batch, number| {
        let (store, id, at_position) =
            (Arc::clone(&world.store), batch.id, batch.first.plus(number));
        async move { store.split(id, at_position, at(3)).await }
    };
    for (batch, number) in [(&anchored, 1), (&cut, 1)] {
        let refused = split(batch, number).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let sealed = world.seal_mint(&cut).await;
    for number in [0, 2, 3] {
        let refused = split(&sealed, number).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    world.prepare(&lease, world.mint(sealed.id)).await.unwrap();
    let refused = split(&sealed, 1).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.all_batches(None, 10).await.unwrap().len(), 2);
}

async fn a_mint_range_is_bounded(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let collection = world.collection(1, None).await;
    let many: Vec<Submission> = (0..1025).map(|_| world.owned(1)).collect();
    world.accept(&many).await;
    let view = world.mint_view(&collection).await;
    let cut = |end| world.store.cut(view.stream.id, view.open_from, end, at(1));
    let refused = cut(view.next).await;
    assert!(matches!(refused, Err(StoreError::Limit(_))), "{refused:?}");
    let refused = world.store.mint_entries(view.open_from, view.next).await;
    assert!(matches!(refused, Err(StoreError::Limit(_))), "{refused:?}");
    let batch = cut(view.open_from.plus(1024)).await.unwrap().unwrap();
    let sealed = world.seal_mint(&batch).await;
    assert_eq!(world.store.owners(sealed.id).await.unwrap().len(), 1024);
    let rest = world.mint_view(&collection).await;
    assert_eq!((rest.open(), rest.open_since), (1, Some(at(0))));
}

async fn the_promise_counts_a_badge_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (minted, _) = world.sealed_mint(&collection, &[1, 2]).await;
    world.badges_of(&[3]).await;
    let open = world.store.promise_status(at(60)).await.unwrap();
    assert_eq!((open.open, open.oldest_open_at), (3, Some(at(0))));
    let anchored = world.cut().await;
    let anchored = world.seal(&anchored).await;
    let transaction = world.fly(&lease, &anchored).await;
    world.conclude(&lease, transaction, super::world::confirmed(9)).await.unwrap();
    let kept = world.store.promise_status(at(60)).await.unwrap();
    assert_eq!(kept, PromiseStatus::default(), "minting is not promised");
    world.finish_mint(&lease, &minted).await;
    assert_eq!(world.store.promise_status(at(60)).await.unwrap(), PromiseStatus::default());
}
