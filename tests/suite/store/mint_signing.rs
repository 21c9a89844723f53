//! Mint transactions, and revocations of tokens.

use std::sync::Arc;

use domain::{BatchState, BlockedReason, Mint, MintState, Purpose, RevocationReason};
use proof::Address;
use store::{OutboxEvent, RevocationItem, Store, StoreError, WaitingBatch};

use super::world::{BASE_NONCE, REGISTRY, REVERTED, World, at, confirmed};
use crate::support::over_both_databases;

over_both_databases!(
    a_mint_batch_waits_with_its_collection,
    a_mint_is_confirmed_once,
    a_burned_mint_is_queued_again,
    a_batch_is_minted_or_anchored_as_its_stream_says,
    a_split_batch_stays_with_its_burned_transactions,
    a_blocked_mint_batch_waits_and_goes_on,
    a_revoked_badge_is_revoked_in_both_batches,
    tokens_are_revoked_by_leaf_index,
    a_token_being_sealed_is_revoked_later,
);

async fn a_mint_batch_waits_with_its_collection(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[2, 1]).await;
    let waiting = WaitingBatch { batch: batch.clone(), stream: collection.stream.clone() };
    assert_eq!(world.signer_view().await.waiting, [waiting]);
    assert_eq!(world.token(badges[0]).await.state(), MintState::Sealed);

    let prepared = world.mint(batch.id);
    let transaction = world.prepare(&lease, prepared.clone()).await.unwrap();
    assert_eq!(world.batch(batch.id).await, batch.clone().prepared().unwrap());
    assert_eq!(world.token(badges[0]).await.state(), MintState::Submitted);
    let view = world.signer_view().await;
    assert_eq!((view.waiting, view.live.len()), (Vec::new(), 1));
    let (live, seal) = (&view.live[0], batch.seal().unwrap());
    assert_eq!((live.id, live.purpose), (transaction, Purpose::Mint { batch: batch.id }));
    assert_eq!((live.commitment, live.registry), (seal.commitment, REGISTRY));
    let owners_hash = seal.owners_hash.unwrap();
    assert_eq!(live.mint, Some(Mint { collection: Address([1; 20]), owners_hash }));
    assert_eq!((live.deadline_at, &live.revoked_indexes), (batch.deadline_at, &Vec::new()));
    assert_eq!(live.attempts, [prepared.attempt]);
}

async fn a_mint_is_confirmed_once(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1]).await;
    let transaction = world.prepare(&lease, world.mint(batch.id)).await.unwrap();
    world.conclude(&lease, transaction, confirmed(9)).await.unwrap();
    assert!(world.conclude(&lease, transaction, confirmed(9)).await.is_err());
    let done = world.batch(batch.id).await;
    assert!(matches!(done.state, BatchState::Final { .. }), "{done:?}");
    let token = world.token(badges[0]).await;
    assert_eq!((token.state(), token.batch), (MintState::Minted, Some(done)));
    let events = world.store.events(0, 10).await.unwrap();
    let events: Vec<_> = events.iter().map(|one| (one.batch, one.event.as_str())).collect();
    assert_eq!(events, [(batch.id, OutboxEvent::MINT_FINAL)]);
    assert_eq!(world.store.owners(batch.id).await.unwrap().len(), 1, "nobody was erased");
    let badge = world.store.badge(badges[0]).await.unwrap().unwrap();
    assert_eq!(badge.state(), domain::BadgeState::Accepted, "its anchor is another matter");
}

async fn a_burned_mint_is_queued_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    let first = world.prepare(&lease, world.mint(batch.id)).await.unwrap();
    world.conclude(&lease, first, REVERTED).await.unwrap();
    assert_eq!(world.batch(batch.id).await, batch);
    world.finish_mint(&lease, &batch).await;
    assert_eq!(world.token(badges[1]).await.state(), MintState::Minted);
    let stored = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    let commitment = batch.seal().unwrap().commitment;
    assert!(stored.iter().all(|one| one.commitment == commitment));
    assert_eq!(stored.len(), 2);
}

async fn a_batch_is_minted_or_anchored_as_its_stream_says(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let anchored = world.sealed(1).await;
    let (minted, _) = world.sealed_mint(&collection, &[1]).await;
    for wrong in [world.mint(anchored.id), world.anchor(0, minted.id)] {
        let refused = world.prepare(&lease, wrong).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    world.prepare(&lease, world.mint(minted.id)).await.unwrap();
    let twice = world.prepare(&lease, world.mint(minted.id)).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    world.fly(&lease, &anchored).await;
    assert_eq!(world.signer_view().await.next_nonce, BASE_NONCE + 2);
}

async fn a_split_batch_stays_with_its_burned_transactions(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, _) = world.sealed_mint(&collection, &[1, 2]).await;
    let burned = world.prepare(&lease, world.mint(batch.id)).await.unwrap();
    world.conclude(&lease, burned, REVERTED).await.unwrap();
    world.store.split(batch.id, batch.first.plus(1), at(3)).await.unwrap();
    for half in world.mint_view(&collection).await.cut {
        let half = world.seal_mint(&half).await;
        world.finish_mint(&lease, &half).await;
    }
    let stored = world.store.transactions(world.signer.id, 0, 10).await.unwrap();
    assert_eq!(stored[0].purpose, Purpose::Mint { batch: batch.id });
    assert_eq!(stored[0].commitment, batch.seal().unwrap().commitment);
    assert_eq!(stored.len(), 3);
}

async fn a_blocked_mint_batch_waits_and_goes_on(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    for reason in [BlockedReason::Full, BlockedReason::Gas] {
        world.store.block(&lease, batch.id, reason, at(9)).await.unwrap();
        assert_eq!(world.token(badges[0]).await.state(), MintState::Blocked(reason));
    }
    world.store.split(batch.id, batch.first.plus(1), at(10)).await.unwrap();
    let half = world.mint_view(&collection).await.cut.remove(0);
    let half = world.seal_mint(&half).await;
    world.store.block(&lease, half.id, BlockedReason::Paused, at(11)).await.unwrap();
    world.finish_mint(&lease, &half).await;
    assert_eq!(world.token(badges[0]).await.state(), MintState::Minted);
}

async fn a_revoked_badge_is_revoked_in_both_batches(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (minted, badges) = world.sealed_mint(&collection, &[3, 2, 1]).await;
    let anchored = world.cut().await;
    let anchored = world.seal(&anchored).await;
    world.revoke_badge(badges[0]).await;
    world.revoke_badge(badges[0]).await;
    assert_eq!(world.signer_view().await.revocations, [], "neither is on chain");
    world.finish_mint(&lease, &minted).await;
    let anchor = world.fly(&lease, &anchored).await;
    world.conclude(&lease, anchor, confirmed(9)).await.unwrap();

    let jobs = world.signer_view().await.revocations;
    let item = |position, index| RevocationItem {
        position,
        index,
        reason: RevocationReason::PrivilegeWithdrawn,
    };
    let found: Vec<_> =
        jobs.iter().map(|job| (job.batch, job.commitment, &job.items[..])).collect();
    let commitment = |batch: &domain::Batch| batch.seal().unwrap().commitment;
    let expected = [
        (anchored.id, commitment(&anchored), &[item(badges[0], 0)][..]),
        (minted.id, commitment(&minted), &[item(minted.first, 2)][..]),
    ];
    assert_eq!(found, expected);
    for (job, block) in jobs.iter().zip([20, 21]) {
        let positions: Vec<_> = job.items.iter().map(|item| item.position).collect();
        let revoke = world.revoke(0, job.batch, &positions);
        let transaction = world.prepare(&lease, revoke).await.unwrap();
        assert_eq!(world.signer_view().await.live[0].revoked_indexes, [job.items[0].index]);
        world.conclude(&lease, transaction, confirmed(block)).await.unwrap();
    }
    assert_eq!(world.token(badges[0]).await.state(), MintState::Revoked);
    let badge = world.store.badge(badges[0]).await.unwrap().unwrap();
    assert!(badge.revocation.unwrap().final_at.is_some());
    assert_eq!(world.token(badges[1]).await.state(), MintState::Minted);
}

async fn tokens_are_revoked_by_leaf_index(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[9, 8, 7, 6]).await;
    world.finish_mint(&lease, &batch).await;
    // lost wallets, of the first and the third
    for (badge, number) in [(badges[0], 9), (badges[2], 7)] {
        world.request(badge, 1, Some(number)).await;
    }
    let jobs = world.signer_view().await.revocations;
    let items: Vec<_> = jobs[0].items.iter().map(|item| (item.position, item.index)).collect();
    let expected = [(batch.first.plus(2), 1), (batch.first, 3)];
    assert_eq!((jobs.len(), items), (1, expected.to_vec()));
    let revoke = world.revoke(0, batch.id, &expected.map(|(position, _)| position));
    let transaction = world.prepare(&lease, revoke).await.unwrap();
    assert_eq!(world.signer_view().await.live[0].revoked_indexes, [1, 3]);
    world.conclude(&lease, transaction, REVERTED).await.unwrap();
    assert_eq!(world.signer_view().await.revocations, jobs);
}

async fn a_token_being_sealed_is_revoked_later(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let badges = world.badges_of(&[1, 2]).await;
    let batch = world.cut_mint(&collection).await;
    let entries = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    world.revoke_badge(badges[0]).await;
    let after = world.store.mint_entries(batch.first, batch.end).await.unwrap();
    assert_eq!(after, entries, "a cut range does not change");
    let batch = world.seal_mint(&batch).await;
    world.finish_mint(&lease, &batch).await;
    let jobs = world.signer_view().await.revocations;
    assert_eq!((jobs.len(), jobs[0].batch, jobs[0].items[0].index), (1, batch.id, 0));
}
