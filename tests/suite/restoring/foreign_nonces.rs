//! Nonces on chain that are not stored, found while the service runs.

use std::sync::Arc;

use chain::simulated::Reorg;
use store::{HaltReason, Store};

use crate::support::{Service, over_both_databases};

over_both_databases!(a_key_used_elsewhere_halts_its_signer_until_it_is_adopted_or_undone);

async fn reasons(service: &Service) -> Vec<HaltReason> {
    let halts = service.store.halts(service.stream.chain_id).await.unwrap();
    halts.into_iter().map(|halt| halt.reason).collect()
}

async fn a_key_used_elsewhere_halts_its_signer_until_it_is_adopted_or_undone(
    store: Arc<dyn Store>,
) {
    let mut service = Service::on(store).await;
    service.chain.foreign_transaction(service.signer.address);
    service.submit(2).await;
    service.grow_old();
    service.blocks(2).await;
    assert_eq!(reasons(&service).await, [HaltReason::Nonces]);
    assert!(service.attempts_by_nonce().await.is_empty() && service.chain.wire().is_empty());
    // the node was of a fork that is gone
    service.chain.reorg(3, Reorg::Lost);
    service.work().await.unwrap();
    assert_eq!(reasons(&service).await, []);
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    service.until_final().await;

    service.chain.foreign_transaction(service.signer.address);
    service.submit(2).await;
    service.grow_old();
    service.blocks(4).await;
    assert_eq!(reasons(&service).await, [HaltReason::Nonces]);
    let restoring = worker::Restoring {
        store: service.store.as_ref(),
        chain: service.chain.as_ref(),
        clock: service.clock.as_ref(),
    };
    restoring.adopt().await.unwrap();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (2, 1)]);
    service.assert_kept().await;
}
