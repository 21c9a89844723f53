//! A block that was final, and is gone.

use std::sync::Arc;

use chain::simulated::Reorg;
use domain::BadgeState;
use store::{HaltReason, Store};
use worker::FinalityWatch;

use crate::support::{Service, over_both_databases};

over_both_databases!(
    a_final_block_that_is_gone_stops_the_signer_and_what_it_proved_is_observed_again,
    a_shorter_chain_is_final_again_before_the_signer_goes_on,
);

async fn watch(service: &Service) -> Vec<HaltReason> {
    let watch = FinalityWatch::new(
        Arc::clone(&service.store),
        service.chain.clone(),
        service.clock.clone(),
    );
    watch.look().await.unwrap();
    let halts = service.store.halts(service.stream.chain_id).await.unwrap();
    halts.into_iter().map(|halt| halt.reason).collect()
}

async fn final_badges(store: Arc<dyn Store>) -> Service {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(watch(&service).await, []);
    service
}

async fn a_final_block_that_is_gone_stops_the_signer_and_what_it_proved_is_observed_again(
    store: Arc<dyn Store>,
) {
    let mut service = final_badges(store).await;
    let depth = service.chain.height();
    service.chain.reorg(depth, Reorg::Lost);
    service.chain.stall_finality(true);
    let found = watch(&service).await;
    assert!(matches!(found[..], [HaltReason::Finality { .. }]), "{found:?}");
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    let states = service.states().await;
    assert!(!states[..2].contains(&BadgeState::Final), "what was final is so no more: {states:?}");
    service.chain.stall_finality(false);
    service.until_final().await;
    assert_eq!(watch(&service).await, []);
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)], "its stored bytes, again");
    service.assert_kept().await;
}

async fn a_shorter_chain_is_final_again_before_the_signer_goes_on(store: Arc<dyn Store>) {
    let mut service = final_badges(store).await;
    service.blocks(6).await;
    assert_eq!(watch(&service).await, []);
    service.chain.reorg(2, Reorg::Lost);
    assert_eq!(watch(&service).await, [], "the final block stands");
    let depth = service.chain.height();
    service.chain.reorg(depth, Reorg::Shorter);
    service.block();
    assert_eq!(watch(&service).await, [], "a node that lags says nothing");
    for _ in 0..depth {
        service.block();
    }
    assert!(!watch(&service).await.is_empty());
    service.until_final().await;
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(watch(&service).await, []);
    service.assert_kept().await;
}
