//! What can go wrong between a sealed mint batch and its tokens: reorganisations, other people's
//! transactions, nodes that lag or lie. Crashes are among the faults of all transactions.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg};
use chain::{At, Chain as _};
use domain::{BatchState, BlockedReason, MintState};
use store::Store;

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(
    a_reorg_loses_the_mint,
    a_reorg_returns_the_mint_to_the_pool,
    the_head_goes_backwards_over_a_mint,
    somebody_else_mints_our_batch,
    a_foreign_transaction_takes_the_nonce_of_a_mint,
    a_batch_minted_to_others_in_flight_is_never_final,
    a_batch_minted_to_others_before_is_never_sent,
    a_lagging_or_silent_node_mints_nothing_twice,
    a_badge_alone_has_a_leaf_of_its_own_in_each_tree,
);

/// Three badges, final by their anchors; their mint is not due yet.
async fn anchored(service: &mut Service) -> Vec<domain::Position> {
    let badges = service.submit_for(&[owner(3), owner(1), owner(2)]).await;
    service.grow_old();
    service.until_final().await;
    badges
}

async fn reorganised(store: Arc<dyn Store>, kind: Reorg) {
    let mut service = Service::minting(store).await;
    let badges = anchored(&mut service).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    service.chain.set_finality_lag(20);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Included);
    let id = service.token(badges[0]).await.id();
    let nonces = service.attempts_by_nonce().await.len();
    service.chain.reorg(3, kind);
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Submitted);
    assert_eq!(service.chain.batch_count(COLLECTIONS[0]).await.unwrap(), 0);
    service.blocks(2).await;
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Included);
    service.chain.set_finality_lag(2);
    service.until_minted(&badges).await;
    assert_eq!(service.token(badges[0]).await.id(), id, "the same token");
    assert_eq!(service.attempts_by_nonce().await.len(), nonces, "the same nonce all along");
    assert_eq!(service.chain.batch_count(COLLECTIONS[0]).await.unwrap(), 1);
    service.assert_kept().await;
}

async fn a_reorg_loses_the_mint(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Lost).await;
}

async fn a_reorg_returns_the_mint_to_the_pool(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Returned).await;
}

async fn the_head_goes_backwards_over_a_mint(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Shorter).await;
}

async fn somebody_else_mints_our_batch(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = anchored(&mut service).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    let nonces = service.attempts_by_nonce().await.len();
    // ours is evicted from every pool, and its effect is there without it
    service.chain.drop_pool();
    let batch = service.mint_batch(badges[0]).await;
    let call = service.mint_call(&batch, None).await;
    service.done_by_somebody_else(call).await;
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Submitted, "our nonce is open");
    service.until_minted(&badges).await;
    assert_eq!(service.attempts_by_nonce().await.len(), nonces, "no nonce is left unused");
    assert_eq!(service.chain.batch_count(COLLECTIONS[0]).await.unwrap(), 1);
    service.assert_kept().await;
}

async fn a_foreign_transaction_takes_the_nonce_of_a_mint(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = anchored(&mut service).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    let nonces = service.attempts_by_nonce().await.len();
    service.chain.foreign_transaction(service.signer.address);
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await.len(), nonces, "not before it is final");
    service.until_minted(&badges).await;
    assert_eq!(service.attempts_by_nonce().await.len(), nonces + 1);
    service.assert_kept().await;
}

/// The batch ends blocked, its badges final, and the auditor says what happened.
async fn minted_to_others(mut service: Service, badges: &[domain::Position]) {
    service.until_tokens(badges, MintState::Blocked(BlockedReason::Reverts)).await;
    service.until_final().await;
    let nonces = service.attempts_by_nonce().await;
    service.blocks(30).await;
    assert_eq!(service.attempts_by_nonce().await, nonces, "and no further nonce is spent on it");
    for badge in badges {
        let state = service.mint_state(*badge).await;
        assert_eq!(state, MintState::Blocked(BlockedReason::Reverts));
    }
    let audit = service.audit().await;
    let details: Vec<_> = audit.findings.iter().map(|finding| finding.detail.as_str()).collect();
    assert_eq!(details, ["it was minted to other owners"]);
}

async fn a_batch_minted_to_others_in_flight_is_never_final(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = anchored(&mut service).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    let batch = service.mint_batch(badges[0]).await;
    assert!(matches!(batch.state, BatchState::InFlight { .. }));
    let call = service.mint_call(&batch, Some(vec![owner(0xee); 3])).await;
    service.done_by_somebody_else(call).await;
    minted_to_others(service, &badges).await;
}

async fn a_batch_minted_to_others_before_is_never_sent(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = anchored(&mut service).await;
    let nonces = service.attempts_by_nonce().await.len();
    service.chain.set_collection_paused(COLLECTIONS[0], true);
    service.grow_mints_old();
    service.until_tokens(&badges, MintState::Blocked(BlockedReason::Paused)).await;
    service.chain.set_collection_paused(COLLECTIONS[0], false);
    let batch = service.mint_batch(badges[0]).await;
    let call = service.mint_call(&batch, Some(vec![owner(0xee); 3])).await;
    service.done_by_somebody_else(call).await;
    service.until_tokens(&badges, MintState::Blocked(BlockedReason::Reverts)).await;
    assert_eq!(service.attempts_by_nonce().await.len(), nonces, "no nonce is taken");
    minted_to_others(service, &badges).await;
}

async fn a_lagging_or_silent_node_mints_nothing_twice(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    for (read, fault) in [
        (Read::Nonce, ReadFault::Stale { blocks: 3 }),
        (Read::Minted, ReadFault::Stale { blocks: 3 }),
        (Read::Minted, ReadFault::Absent),
        (Read::Anchored, ReadFault::Absent),
        (Read::InclusionHint, ReadFault::Absent),
        (Read::Head, ReadFault::Stale { blocks: 2 }),
        (Read::Finalized, ReadFault::Stale { blocks: 5 }),
        (Read::Header, ReadFault::Absent),
    ] {
        let badges = anchored(&mut service).await;
        let before = service.attempts_by_nonce().await.len();
        service.grow_mints_old();
        service.work().await.unwrap();
        service.chain.fail_read(read, fault, 4);
        service.blocks(8).await;
        service.chain.heal();
        service.until_minted(&badges).await;
        let nonces = service.attempts_by_nonce().await.len();
        assert_eq!(nonces, before + 1, "{read:?} {fault:?} took a second nonce");
        service.assert_kept().await;
    }
}

async fn a_badge_alone_has_a_leaf_of_its_own_in_each_tree(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1)]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    service.until_final().await;
    let commitment = |batch: &domain::Batch| batch.seal().unwrap().commitment;
    let anchor = service.record(badges[0]).await.batch.unwrap();
    let minted = service.mint_batch(badges[0]).await;
    assert_ne!(commitment(&anchor), commitment(&minted));
    // so that the token of a lost wallet is revoked, and the badge is not
    service.request_mint(badges[0], owner(2), Some(owner(1))).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    service.blocks(8).await;
    let registry = service.stream.registry;
    let revoked = async |batch: &domain::Batch| {
        service.chain.revoked(registry, commitment(batch), &[0], At::Head).await.unwrap()
    };
    assert_eq!((revoked(&minted).await, revoked(&anchor).await), (vec![true], vec![false]));
    service.assert_kept().await;
}
