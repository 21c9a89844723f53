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
);

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
