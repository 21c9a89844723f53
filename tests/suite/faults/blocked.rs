//! What the owner of a contract or an empty account does: blocked before a nonce is taken, and resumed
//! alone.

use std::sync::Arc;

use domain::{BadgeState, BatchState, MintState};
use store::Store;

use crate::support::{COLLECTIONS, Service, over_both_databases, owner};

over_both_databases!(
    a_role_lost_in_flight_blocks_until_it_is_back,
    a_pause_takes_no_nonce,
    missing_funds_block_and_resume,
    a_collection_that_is_gone_holds_up_no_anchor,
);

const GWEI: u128 = 1_000_000_000;

async fn a_role_lost_in_flight_blocks_until_it_is_back(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_role(service.signer.address, false);
    service.blocks(6).await;
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert!(matches!(batch.state, BatchState::Blocked { .. }), "{:?}", batch.state);
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "mined and reverted, no second");
    service.chain.set_role(service.signer.address, true);
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    service.assert_kept().await;
}

/// Blocks before a nonce is taken, and goes on alone when `heal` mends it.
async fn blocked_meanwhile(
    service: &mut Service,
    harm: impl Fn(&Service),
    heal: impl Fn(&Service),
) {
    harm(service);
    service.submit(2).await;
    service.grow_old();
    service.blocks(4).await;
    assert_eq!(service.states().await, [BadgeState::Sealed; 2]);
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert!(matches!(batch.state, BatchState::Blocked { .. }), "{:?}", batch.state);
    assert!(service.attempts_by_nonce().await.is_empty());
    assert!(service.chain.wire().is_empty());
    heal(service);
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_pause_takes_no_nonce(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let pause = |service: &Service| service.chain.set_paused(true);
    blocked_meanwhile(&mut service, pause, |service| service.chain.set_paused(false)).await;
}

async fn missing_funds_block_and_resume(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let fund =
        |wei| move |service: &Service| service.chain.set_balance(service.signer.address, wei);
    blocked_meanwhile(&mut service, fund(1), fund(1_000_000_000 * GWEI)).await;
}

/// Its live mint can be neither observed nor sent with effect, and stands before every later nonce.
async fn a_collection_that_is_gone_holds_up_no_anchor(store: Arc<dyn Store>) {
    let mut service = Service::minting(store).await;
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_old();
    service.until_final().await;
    service.grow_mints_old();
    service.work().await.unwrap();
    assert_eq!(service.mint_state(badges[0]).await, MintState::Submitted);
    service.chain.remove_collection(COLLECTIONS[0]);
    service.submit(2).await;
    service.grow_old();
    for _ in 0..20 {
        // the follower has no answer about the collection
        let _ = service.work().await;
        service.block();
    }
    assert!(service.states().await.iter().all(|state| *state == BadgeState::Final));
}
