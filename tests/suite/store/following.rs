//! What follows from the chain: facts of final blocks, once each.

use std::sync::Arc;

use domain::{Collection, ContractEvent, MintState, Position, Revocation, RevocationReason};
use proof::{Address, Hash, TokenId};
use store::{DatedFact, MintAnswer, Store, StoreError};

use super::world::{CHAIN_ID, REGISTRY, REVERTED, World, at, confirmed};
use crate::support::over_both_databases;

over_both_databases!(
    a_cursor_only_rises,
    a_burned_token_stays_burned,
    bits_of_both_kinds_are_followed,
    a_request_of_ours_keeps_its_reason,
    what_is_reinstated_may_be_revoked_again,
    a_whole_batch_is_revoked_and_reinstated,
    what_is_not_ours_is_left_out,
);

const BY_ANOTHER_KEY: RevocationReason = RevocationReason::KeyCompromise;

async fn follow(world: &World, block: u64, facts: Vec<ContractEvent>) {
    let dated = |fact| DatedFact { fact, at: at(500) };
    let facts: Vec<_> = facts.into_iter().map(dated).collect();
    world.store.follow(CHAIN_ID, REGISTRY, block, &facts).await.unwrap();
}

fn revoked(commitment: Hash, indexes: &[u32]) -> ContractEvent {
    ContractEvent::Revoked { commitment, indexes: indexes.to_vec(), reason: BY_ANOTHER_KEY }
}

/// What the collection of an address announced.
async fn follow_burns(world: &World, contract: Address, block: u64, ids: &[TokenId]) {
    let burned = |id: &TokenId| DatedFact { fact: ContractEvent::Burned { id: *id }, at: at(500) };
    let facts: Vec<_> = ids.iter().map(burned).collect();
    world.store.follow(CHAIN_ID, contract, block, &facts).await.unwrap();
}

fn contract(collection: &Collection) -> Address {
    collection.stream.kind.collection().unwrap()
}

fn followed() -> Revocation {
    Revocation { reason: BY_ANOTHER_KEY, requested_at: at(500), final_at: Some(at(500)) }
}

async fn of_badge(world: &World, badge: Position) -> Option<Revocation> {
    world.store.badge(badge).await.unwrap().unwrap().revocation
}

async fn a_cursor_only_rises(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let read = |chain, contract| world.store.followed(chain, contract);
    assert_eq!(read(CHAIN_ID, REGISTRY).await.unwrap(), None);
    for block in [10, 10, 2010] {
        world.store.follow(CHAIN_ID, REGISTRY, block, &[]).await.unwrap();
        assert_eq!(read(CHAIN_ID, REGISTRY).await.unwrap(), Some(block));
    }
    let refused = world.store.follow(CHAIN_ID, REGISTRY, 2009, &[]).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(read(CHAIN_ID, REGISTRY).await.unwrap(), Some(2010));
    assert_eq!(read(CHAIN_ID + 1, REGISTRY).await.unwrap(), None);
    assert_eq!(read(CHAIN_ID, Address([1; 20])).await.unwrap(), None);
    world.store.follow(CHAIN_ID, Address([1; 20]), 3, &[]).await.unwrap();
    assert_eq!(read(CHAIN_ID, Address([1; 20])).await.unwrap(), Some(3));
}

async fn a_burned_token_stays_burned(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (batch, badges) = world.sealed_mint(&collection, &[2, 1]).await;
    world.finish_mint(&lease, &batch).await;
    let token = world.token(badges[0]).await;
    let id = token.id().unwrap();
    follow_burns(&world, contract(&collection), 10, &[id]).await;
    let gone = world.token(badges[0]).await;
    assert_eq!((gone.state(), gone.burned_at), (MintState::Burned, Some(at(500))));
    let later = DatedFact { fact: ContractEvent::Burned { id }, at: at(900) };
    world.store.follow(CHAIN_ID, contract(&collection), 11, &[later]).await.unwrap();
    assert_eq!(world.token(badges[0]).await, gone, "known already");
    assert_eq!(world.token(badges[1]).await.burned_at, None);
    let mine = world.store.tokens_of_owner(gone.owner.unwrap(), None, 10).await.unwrap();
    assert_eq!(mine, []);
}

async fn bits_of_both_kinds_are_followed(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (minted, badges) = world.sealed_mint(&collection, &[3, 2, 1]).await;
    let minted = world.finish_mint(&lease, &minted).await;
    let anchored = world.cut().await;
    let anchored = world.seal(&anchored).await;
    let anchor = world.fly(&lease, &anchored).await;
    world.conclude(&lease, anchor, confirmed(9)).await.unwrap();
    let (of_mint, of_anchor) =
        (minted.seal().unwrap().commitment, anchored.seal().unwrap().commitment);
    let facts = vec![revoked(of_anchor, &[1, 2]), revoked(of_mint, &[2])];
    for block in [10, 11] {
        follow(&world, block, facts.clone()).await;
        assert_eq!(of_badge(&world, badges[0]).await, None);
        assert_eq!(of_badge(&world, badges[1]).await, Some(followed()));
        assert_eq!(of_badge(&world, badges[2]).await, Some(followed()));
        // owner 3 has the last leaf, and the first badge
        let token = world.token(badges[0]).await;
        assert_eq!((token.index, token.revocation), (Some(2), Some(followed())));
        assert_eq!(token.state(), MintState::Revoked);
        assert_eq!(world.token(badges[1]).await.revocation, None);
    }
    assert_eq!(world.signer_view().await.revocations, [], "nothing is left to do");
    assert_eq!(world.request(badges[1], 9, Some(2)).await, MintAnswer::Revoked);

    let back = ContractEvent::Reinstated { commitment: of_anchor, indexes: vec![0, 1] };
    for block in [12, 13] {
        follow(&world, block, vec![back.clone()]).await;
        assert_eq!(of_badge(&world, badges[1]).await, None);
        assert_eq!(of_badge(&world, badges[2]).await, Some(followed()));
    }
}

async fn a_request_of_ours_keeps_its_reason(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 3).await;
    let commitment = batch.seal().unwrap().commitment;
    let (waits, flies) = (batch.first, batch.first.plus(1));
    world.revoke_badge(flies).await;
    let revoke = world.revoke(0, batch.id, &[flies]);
    let transaction = world.prepare(&lease, revoke).await.unwrap();
    world.revoke_badge(waits).await;
    // what was not yet revoked is not taken back by an event of before
    let old = ContractEvent::Reinstated { commitment, indexes: vec![0, 1] };
    follow(&world, 9, vec![old]).await;
    assert_eq!(of_badge(&world, waits).await.unwrap().final_at, None);

    follow(&world, 10, vec![revoked(commitment, &[0, 1])]).await;
    for badge in [waits, flies] {
        let expected = Revocation {
            reason: RevocationReason::PrivilegeWithdrawn,
            requested_at: at(8),
            final_at: Some(at(500)),
        };
        assert_eq!(of_badge(&world, badge).await, Some(expected));
    }
    // our own transaction was too late, and neither end of it changes anything
    world.conclude(&lease, transaction, REVERTED).await.unwrap();
    assert_eq!(of_badge(&world, flies).await.unwrap().final_at, Some(at(500)));
    assert_eq!(world.signer_view().await.revocations, []);
    let again = world.prepare(&lease, world.revoke(0, batch.id, &[flies])).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

async fn what_is_reinstated_may_be_revoked_again(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let batch = world.finished(&lease, 2).await;
    let commitment = batch.seal().unwrap().commitment;
    world.revoke_badge(batch.first).await;
    let transaction =
        world.prepare(&lease, world.revoke(0, batch.id, &[batch.first])).await.unwrap();
    world.conclude(&lease, transaction, confirmed(20)).await.unwrap();
    let back = ContractEvent::Reinstated { commitment, indexes: vec![0] };
    follow(&world, 30, vec![revoked(commitment, &[0]), back]).await;
    assert_eq!(of_badge(&world, batch.first).await, None);
    world.revoke_badge(batch.first).await;
    assert_eq!(world.signer_view().await.revocations.len(), 1);
}

async fn a_whole_batch_is_revoked_and_reinstated(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (minted, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    let minted = world.finish_mint(&lease, &minted).await;
    let anchored = world.finished(&lease, 1).await;
    let of = |batch: &domain::Batch| batch.seal().unwrap().commitment;
    let whole = |commitment| ContractEvent::BatchRevoked { commitment, reason: BY_ANOTHER_KEY };
    for block in [10, 11] {
        follow(&world, block, vec![whole(of(&minted))]).await;
        for badge in &badges {
            let token = world.token(*badge).await;
            assert_eq!((token.state(), token.revocation), (MintState::Revoked, Some(followed())));
            assert_eq!(of_badge(&world, *badge).await, None, "its anchor stands");
        }
    }
    follow(&world, 12, vec![whole(of(&anchored))]).await;
    let badge = anchored.first;
    assert_eq!(of_badge(&world, badge).await, Some(followed()));
    assert_eq!(world.request(badge, 1, None).await, MintAnswer::Revoked);
    let back = |batch| ContractEvent::BatchReinstated { commitment: of(batch) };
    follow(&world, 13, vec![back(&minted), back(&anchored)]).await;
    assert_eq!(of_badge(&world, badge).await, None);
    assert_eq!(world.token(badges[0]).await.state(), MintState::Minted);
}

async fn what_is_not_ours_is_left_out(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let lease = world.lease().await;
    let collection = world.collection(1, None).await;
    let (minted, badges) = world.sealed_mint(&collection, &[1, 2]).await;
    let minted = world.finish_mint(&lease, &minted).await;
    let commitment = minted.seal().unwrap().commitment;
    let unknown = world.random();
    let facts = vec![
        revoked(unknown, &[0]),
        revoked(commitment, &[2, u32::MAX]),
        ContractEvent::Reinstated { commitment: unknown, indexes: vec![1] },
        ContractEvent::BatchRevoked { commitment: unknown, reason: BY_ANOTHER_KEY },
        ContractEvent::BatchReinstated { commitment: unknown },
    ];
    let before = [world.token(badges[0]).await, world.token(badges[1]).await];
    follow(&world, 10, facts).await;
    let (no_leaf, of_nobody) = (TokenId::of(commitment, 2), TokenId::of(unknown, 0));
    follow_burns(&world, contract(&collection), 10, &[no_leaf, of_nobody]).await;
    follow_burns(&world, Address([9; 20]), 10, &[TokenId::of(commitment, 0)]).await;
    // another registry says nothing of this one's batches
    let elsewhere = DatedFact {
        fact: ContractEvent::BatchRevoked { commitment, reason: BY_ANOTHER_KEY },
        at: at(1),
    };
    let bits = DatedFact { fact: revoked(commitment, &[0]), at: at(1) };
    let facts = [elsewhere, bits];
    world.store.follow(CHAIN_ID, Address([0x99; 20]), 10, &facts).await.unwrap();
    world.store.follow(CHAIN_ID + 1, REGISTRY, 10, &facts).await.unwrap();
    assert_eq!([world.token(badges[0]).await, world.token(badges[1]).await], before);
    assert_eq!(world.store.followed(CHAIN_ID, REGISTRY).await.unwrap(), Some(10));
}
