//! Blocks that are taken back, and what other transactions take in the place of ours.

use std::sync::Arc;

use chain::simulated::Reorg;
use domain::BadgeState;
use store::Store;

use crate::support::{Service, over_both_databases};

over_both_databases!(
    a_reorg_loses_the_transaction,
    a_reorg_returns_the_transaction_to_the_pool,
    the_head_goes_backwards,
    a_foreign_transaction_takes_the_nonce,
    somebody_else_anchors_our_commitment,
    a_reorg_of_any_depth_is_outlived,
    the_proof_follows_the_transaction_into_another_block,
    a_reorg_replaces_the_transaction_by_another_attempt,
    a_reorg_replaces_the_transaction_by_a_foreign_one,
);

const GWEI: u128 = 1_000_000_000;

async fn reorganised(store: Arc<dyn Store>, kind: Reorg) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.chain.set_finality_lag(20);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.reorg(3, kind);
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Submitted; 2]);
    service.blocks(2).await;
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.set_finality_lag(2);
    service.until_final().await;
    service.assert_kept().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 1, "the same nonce all along");
}

async fn a_reorg_loses_the_transaction(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Lost).await;
}

async fn a_reorg_returns_the_transaction_to_the_pool(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Returned).await;
}

async fn the_head_goes_backwards(store: Arc<dyn Store>) {
    reorganised(store, Reorg::Shorter).await;
}

async fn a_foreign_transaction_takes_the_nonce(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.foreign_transaction(service.signer.address);
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "not before it is final");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    service.assert_kept().await;
}

async fn somebody_else_anchors_our_commitment(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    // ours is evicted from every pool, and its effect is there without it
    service.chain.drop_pool();
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    service.anchored_by_somebody_else(batch.seal().unwrap().commitment).await;
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)], "no nonce is left unused");
    service.assert_kept().await;
}

async fn a_reorg_of_any_depth_is_outlived(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.chain.set_finality_lag(12);
    for (depth, kind) in (1..=10).zip([Reorg::Lost, Reorg::Returned, Reorg::Shorter].iter().cycle())
    {
        service.submit(2).await;
        service.grow_old();
        let nonces = service.attempts_by_nonce().await.len();
        service.blocks(usize::try_from(depth).unwrap()).await;
        service.work().await.unwrap();
        service.chain.reorg(depth, *kind);
        service.until_final().await;
        assert_eq!(service.attempts_by_nonce().await.len(), nonces + 1, "depth {depth}: {kind:?}");
    }
    service.assert_kept().await;
}

async fn the_proof_follows_the_transaction_into_another_block(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.chain.set_finality_lag(20);
    service.submit(1).await;
    service.grow_old();
    service.blocks(2).await;
    service.work().await.unwrap();
    let shown = async |service: &Service| {
        *service.record(service.accepted[0]).await.batch.unwrap().inclusion().unwrap()
    };
    let before = shown(&service).await;
    service.chain.reorg(2, Reorg::Returned);
    service.blocks(2).await;
    service.work().await.unwrap();
    let after = shown(&service).await;
    assert_ne!(after.block_hash, before.block_hash);
    assert!(after.block_time > before.block_time);
    assert_eq!(after.transaction, before.transaction);
    service.chain.set_finality_lag(2);
    service.until_final().await;
    assert_eq!(shown(&service).await, after);
    service.assert_kept().await;
}

/// A transaction with two attempts, the newer of which is in the block that the chain loses.
async fn with_two_attempts(store: Arc<dyn Store>) -> Service {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)]);
    service.chain.set_base_fee(GWEI);
    service.block();
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    service.chain.reorg(1, Reorg::Shorter);
    service
}

async fn a_reorg_replaces_the_transaction_by_another_attempt(store: Arc<dyn Store>) {
    let mut service = with_two_attempts(store).await;
    let stored = service.store.transactions(service.signer.id, 0, 1).await.unwrap();
    let first = &stored[0].attempts[0].attempt;
    assert!(service.chain.mine_raw(&first.raw).unwrap().is_some());
    service.until_final().await;
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert_eq!(batch.inclusion().unwrap().transaction, Some(first.hash));
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)], "confirmed, not sent again");
    service.assert_kept().await;
}

async fn a_reorg_replaces_the_transaction_by_a_foreign_one(store: Arc<dyn Store>) {
    let mut service = with_two_attempts(store).await;
    service.chain.foreign_transaction(service.signer.address);
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 2), (1, 1)], "queued again, one effect");
    service.assert_kept().await;
}
