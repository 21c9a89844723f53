//! What keeps a batch from being minted, and that no badge's own promise depends on it.

use std::sync::Arc;

use domain::{BadgeState, BlockedReason, Clock as _, MAX_COLLECTION_BATCHES, MintState, Position};
use store::Store;

use crate::support::{COLLECTIONS, HOUR_MS, Service, over_both_databases, owner};

over_both_databases!(
    a_pause_near_the_deadline_keeps_no_badge_waiting,
    a_role_that_is_missing_blocks_until_it_is_back,
    a_full_collection_is_followed_by_the_next_volume,
    too_much_gas_splits_a_batch,
    one_token_that_is_too_dear_waits,
    many_blocked_mints_hide_no_anchor,
);

fn blocked(reason: BlockedReason) -> MintState {
    MintState::Blocked(reason)
}

/// How many transactions are stored for each purpose.
async fn count(service: &Service, purpose: &str) -> usize {
    let stored = service.store.transactions(service.signer.id, 0, 1000).await.unwrap();
    stored.iter().filter(|record| record.purpose.name() == purpose).count()
}

async fn a_pause_near_the_deadline_keeps_no_badge_waiting(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    service.chain.set_collection_paused(COLLECTIONS[0], true);
    // its learner was told 21 hours ago
    let mut late = service.submission();
    late.recipient = Some(service.recipient(owner(1)));
    late.window_started_at = Some(service.clock.now().plus_millis(-21 * HOUR_MS));
    let accepted = service.store.accept(service.stream.id, &[late]).await.unwrap();
    let badge: Position = accepted[0].position;
    service.accepted.push(badge);
    service.grow_mints_old();
    service.until_final().await;
    service.blocks(3).await;
    assert_eq!(service.mint_state(badge).await, blocked(BlockedReason::Paused));
    assert_eq!(count(&service, "mint").await, 0, "no nonce is taken");
    service.assert_kept().await;
    // a month later
    for _ in 0..30 {
        service.clock.advance(24 * HOUR_MS);
        service.work().await.unwrap();
        service.block();
    }
    service.seal_log().await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.mint_state(badge).await, blocked(BlockedReason::Paused));
    service.assert_kept().await;
    service.chain.set_collection_paused(COLLECTIONS[0], false);
    service.until_minted(&[badge]).await;
    assert_eq!(count(&service, "mint").await, 1);
    service.assert_kept().await;
}

async fn a_role_that_is_missing_blocks_until_it_is_back(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_mints_old();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Submitted);
    // taken away in flight: the mint is mined and reverts, the anchor before it does not
    service.chain.set_minter(COLLECTIONS[0], service.signer.address, false);
    service.until_tokens(&badges, blocked(BlockedReason::Role)).await;
    service.blocks(20).await;
    assert_eq!(count(&service, "mint").await, 1, "mined and reverted, no second");
    service.until_final().await;
    service.chain.set_minter(COLLECTIONS[0], service.signer.address, true);
    service.until_minted(&badges).await;
    assert_eq!(count(&service, "mint").await, 2);
    // the collection may no longer write to the registry
    service.chain.set_role(COLLECTIONS[0], false);
    let badges = service.submit_for(&[owner(3), owner(4)]).await;
    service.grow_mints_old();
    service.until_tokens(&badges, blocked(BlockedReason::Role)).await;
    service.until_final().await;
    service.chain.set_role(COLLECTIONS[0], true);
    service.until_minted(&badges).await;
    service.assert_kept().await;
}

async fn a_full_collection_is_followed_by_the_next_volume(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    service.chain.set_batch_count(COLLECTIONS[0], MAX_COLLECTION_BATCHES);
    let before = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_mints_old();
    service.until_tokens(&before, blocked(BlockedReason::Full)).await;
    service.until_final().await;
    service.open_collection(COLLECTIONS[1]).await;
    let after = service.submit_for(&[owner(3), owner(4)]).await;
    service.grow_mints_old();
    service.until_minted(&after).await;
    let token = service.token(after[0]).await;
    assert_eq!(token.stream.kind.collection(), Some(COLLECTIONS[1]));
    assert_eq!(service.mint_state(before[0]).await, blocked(BlockedReason::Full));
    service.until_final().await;
    service.assert_kept().await;
}

async fn too_much_gas_splits_a_batch(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    // the profile's cap is 10 million: three tokens of three million, not four
    service.chain.set_gas_per_token(3_000_000);
    let badges = service.submit_for(&[owner(7); 7]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    let mut sizes = Vec::new();
    for badge in &badges {
        sizes.push(service.mint_batch(*badge).await.seal().unwrap().size);
    }
    assert_eq!(sizes, [3, 3, 3, 2, 2, 2, 2], "7 is 3 and 4, 4 is 2 and 2");
    assert_eq!(count(&service, "mint").await, 3, "split before a nonce is taken");
    service.until_final().await;
    service.assert_kept().await;
}

async fn one_token_that_is_too_dear_waits(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    service.chain.set_gas_per_token(11_000_000);
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_mints_old();
    service.until_tokens(&badges, blocked(BlockedReason::Gas)).await;
    service.until_final().await;
    service.chain.set_gas_per_token(7_350);
    service.until_minted(&badges).await;
    service.assert_kept().await;
}

async fn many_blocked_mints_hide_no_anchor(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    service.chain.set_collection_paused(COLLECTIONS[0], true);
    // more than a round reads of a kind
    let mut badges = Vec::new();
    for _ in 0..66 {
        badges.extend(service.submit_for(&[owner(1)]).await);
        service.grow_mints_old();
        service.work().await.unwrap();
        service.block();
    }
    service.until_tokens(&badges, blocked(BlockedReason::Paused)).await;
    service.until_final().await;
    service.clock.advance(30 * HOUR_MS);
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    assert_eq!(service.states().await.last(), Some(&BadgeState::Submitted));
    service.until_final().await;
    service.assert_kept().await;
}
