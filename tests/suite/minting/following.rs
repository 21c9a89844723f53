//! Owners burn, others revoke and reinstate: it flows back once it is final, and only if it is true.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg};
use chain::{Chain as _, ChainEvent};
use domain::{Block, Clock as _, ContractEvent, MintState, Position, RevocationReason};
use proof::Hash;
use store::Store;

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(
    a_burn_flows_back_once_it_is_final,
    a_burn_that_is_reorganised_away_never_happened,
    a_foreign_revocation_flows_back,
    a_token_revoked_by_others_is_no_badge_revoked,
    a_reinstatement_flows_back,
    a_reinstatement_that_is_reorganised_away_never_happened,
    a_whole_batch_is_revoked_and_reinstated,
    invented_events_change_nothing,
    followers_share_a_database,
    a_node_that_does_not_answer_is_asked_again,
);

const REASON: RevocationReason = RevocationReason::KeyCompromise;

/// Two badges with their tokens minted, and a third without.
async fn minted(store: Arc<dyn Store>) -> (Service, Vec<Position>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    service.until_final().await;
    (service, badges)
}

/// Commitment and index of a badge's own leaf.
async fn leaf(service: &Service, badge: Position) -> (Hash, u32) {
    let batch = service.record(badge).await.batch.unwrap();
    let index = u32::try_from(badge.distance_from(batch.first)).unwrap();
    (batch.seal().unwrap().commitment, index)
}

async fn a_burn_flows_back_once_it_is_final(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let id = service.token(badges[0]).await.id().unwrap();
    service.clock.advance(12_000);
    let burned = service.chain.burn(COLLECTIONS[0], id).unwrap();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Minted, "not before finality");
    service.restart();
    service.blocks(4).await;
    let token = service.token(badges[0]).await;
    assert_eq!((token.state(), token.burned_at), (MintState::Burned, Some(burned.time)));
    assert_eq!(service.mint_state(badges[1]).await, MintState::Minted);
    assert!(service.revocation(badges[0]).await.is_none(), "the badge stays good");
    service.assert_kept().await;
}

async fn a_burn_that_is_reorganised_away_never_happened(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let id = service.token(badges[0]).await.id().unwrap();
    service.chain.burn(COLLECTIONS[0], id).unwrap();
    service.work().await.unwrap();
    service.chain.reorg(1, Reorg::Lost);
    service.blocks(8).await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Minted);
    // and one that comes again in another block counts from there
    service.chain.burn(COLLECTIONS[0], id).unwrap();
    service.work().await.unwrap();
    service.chain.reorg(1, Reorg::Returned);
    service.block();
    let again = service.chain.head().await.unwrap();
    service.blocks(5).await;
    assert_eq!(service.token(badges[0]).await.burned_at, Some(again.time));
    service.assert_kept().await;
}

async fn a_foreign_revocation_flows_back(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let (commitment, index) = leaf(&service, badges[0]).await;
    service.clock.advance(12_000);
    let header = service.chain.foreign_revoke(commitment, &[index, 900], REASON).unwrap();
    service.work().await.unwrap();
    assert_eq!(service.revocation(badges[0]).await, None, "not before finality");
    service.blocks(4).await;
    let revocation = service.revocation(badges[0]).await.unwrap();
    assert_eq!((revocation.reason, revocation.final_at), (REASON, Some(header.time)));
    assert_eq!(service.revocation(badges[1]).await, None);
    service.assert_kept().await;
}

async fn a_token_revoked_by_others_is_no_badge_revoked(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let token = service.token(badges[0]).await;
    let commitment = token.batch.as_ref().unwrap().seal().unwrap().commitment;
    service.chain.foreign_revoke(commitment, &[token.index.unwrap()], REASON).unwrap();
    service.blocks(5).await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Revoked);
    assert_eq!(service.mint_state(badges[1]).await, MintState::Minted);
    assert_eq!(service.revocation(badges[0]).await, None);
    service.chain.foreign_reinstate(commitment, &[token.index.unwrap()]).unwrap();
    service.blocks(5).await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Minted);
    service.assert_kept().await;
}

async fn a_reinstatement_flows_back(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let request = store::RevocationRequest {
        account: service.account,
        position: badges[0],
        reason: RevocationReason::Superseded,
        requested_at: service.clock.now(),
    };
    service.store.request_revocation(request).await.unwrap();
    service.blocks(10).await;
    let revocation = service.revocation(badges[0]).await.unwrap();
    assert_eq!(revocation.requested_at, request.requested_at, "our own, seen as others' too");
    assert!(revocation.final_at.is_some());
    let (commitment, index) = leaf(&service, badges[0]).await;
    service.chain.foreign_reinstate(commitment, &[index]).unwrap();
    service.work().await.unwrap();
    assert!(service.revocation(badges[0]).await.is_some(), "not before finality");
    service.blocks(5).await;
    assert_eq!(service.revocation(badges[0]).await, None);
    service.assert_kept().await;
}

async fn a_reinstatement_that_is_reorganised_away_never_happened(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let (commitment, index) = leaf(&service, badges[0]).await;
    service.chain.foreign_revoke(commitment, &[index], REASON).unwrap();
    service.block();
    // when the revocation is final, the head says the contrary
    service.chain.foreign_reinstate(commitment, &[index]).unwrap();
    service.clock.advance(12_000);
    service.work().await.unwrap();
    assert_eq!(service.revocation(badges[0]).await, None, "it waits for the next final block");
    service.chain.reorg(1, Reorg::Lost);
    service.blocks(5).await;
    assert_eq!(service.revocation(badges[0]).await.map(|it| it.reason), Some(REASON));
    service.assert_kept().await;
    // one that stays takes both back
    service.chain.foreign_reinstate(commitment, &[index]).unwrap();
    service.chain.foreign_revoke(commitment, &[index], REASON).unwrap();
    service.chain.foreign_reinstate(commitment, &[index]).unwrap();
    service.blocks(6).await;
    assert_eq!(service.revocation(badges[0]).await, None);
    service.assert_kept().await;
}

async fn a_whole_batch_is_revoked_and_reinstated(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let (commitment, _) = leaf(&service, badges[0]).await;
    let token = service.token(badges[0]).await;
    let minted = token.batch.as_ref().unwrap().seal().unwrap().commitment;
    for commitment in [commitment, minted] {
        service.chain.foreign_revoke_batch(commitment, REASON).unwrap();
    }
    service.work().await.unwrap();
    assert_eq!(service.revocation(badges[0]).await, None, "not before finality");
    service.blocks(5).await;
    for badge in &badges {
        assert_eq!(service.revocation(*badge).await.map(|it| it.reason), Some(REASON));
        assert_eq!(service.mint_state(*badge).await, MintState::Revoked);
    }
    service.assert_audit_is_clean().await;
    for commitment in [commitment, minted] {
        service.chain.foreign_reinstate_batch(commitment).unwrap();
    }
    service.blocks(5).await;
    for badge in &badges {
        assert_eq!(service.revocation(*badge).await, None);
        assert_eq!(service.mint_state(*badge).await, MintState::Minted);
    }
    service.assert_kept().await;
}

async fn invented_events_change_nothing(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let token = service.token(badges[0]).await;
    let (commitment, index) = leaf(&service, badges[0]).await;
    let revoked =
        |commitment, indexes| ContractEvent::Revoked { commitment, indexes, reason: REASON };
    let number = service.chain.head().await.unwrap().block.number + 1;
    let block = Block { number, hash: Hash::of(&[b"invented"]) };
    let registry = service.stream.registry;
    let events = [
        (COLLECTIONS[0], ContractEvent::Burned { id: token.id().unwrap() }),
        (COLLECTIONS[0], ContractEvent::Burned { id: proof::TokenId([9; 32]) }),
        (registry, revoked(commitment, vec![index])),
        (registry, revoked(commitment, vec![])),
        (registry, revoked(Hash([9; 32]), vec![0])),
        (registry, ContractEvent::BatchRevoked { commitment, reason: REASON }),
        (registry, ContractEvent::BatchReinstated { commitment }),
    ];
    for (contract, event) in events {
        service.chain.invent_event(ChainEvent { contract, block, event });
    }
    service.blocks(6).await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Minted);
    assert_eq!(service.revocation(badges[0]).await, None);
    // and they keep nobody from following what is true
    let id = token.id().unwrap();
    service.chain.burn(COLLECTIONS[0], id).unwrap();
    service.blocks(5).await;
    assert_eq!(service.mint_state(badges[0]).await, MintState::Burned);
    service.assert_kept().await;
}

async fn followers_share_a_database(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let (mut first, mut second) = (service.another_follower(), service.another_follower());
    let id = service.token(badges[0]).await.id().unwrap();
    service.chain.burn(COLLECTIONS[0], id).unwrap();
    for _ in 0..5 {
        service.block();
        let (one, other) = tokio::join!(first.round(), second.round());
        one.unwrap();
        other.unwrap();
    }
    assert_eq!(service.mint_state(badges[0]).await, MintState::Burned);
    service.blocks(2).await;
    service.assert_kept().await;
}

async fn a_node_that_does_not_answer_is_asked_again(store: Arc<dyn Store>) {
    let (mut service, badges) = minted(store).await;
    let mut follower = service.another_follower();
    let id = service.token(badges[0]).await.id().unwrap();
    service.chain.burn(COLLECTIONS[0], id).unwrap();
    for _ in 0..3 {
        service.block();
    }
    for (read, fault) in [
        (Read::Finalized, ReadFault::Unavailable),
        (Read::Events, ReadFault::Unavailable),
        (Read::Events, ReadFault::Stale { blocks: 4 }),
        (Read::Head, ReadFault::Stale { blocks: 4 }), // below the block of the burn
        (Read::Minted, ReadFault::Unavailable),
        (Read::Token, ReadFault::Unavailable),
        (Read::Header, ReadFault::Absent),
    ] {
        service.chain.fail_read(read, fault, 1);
        assert!(follower.round().await.is_err(), "{read:?} {fault:?}");
        assert_eq!(service.mint_state(badges[0]).await, MintState::Minted);
    }
    follower.round().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Burned);
    service.blocks(2).await;
    service.assert_kept().await;
}
