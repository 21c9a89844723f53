//! A block that was final, and is gone.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault, Reorg};
use domain::{BadgeState, Clock as _};
use store::{Halt, HaltReason, Store};
use worker::FinalityWatch;

use crate::support::{Service, over_both_databases};

over_both_databases!(
    a_final_block_that_is_gone_stops_the_signer_and_what_it_proved_is_observed_again,
    what_a_former_signer_proved_is_observed_again_though_a_block_is_final_at_once,
    a_node_without_the_block_says_nothing,
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

async fn what_a_former_signer_proved_is_observed_again_though_a_block_is_final_at_once(
    store: Arc<dyn Store>,
) {
    let mut service = final_badges(store).await;
    let former = service.signer.id;
    service.rotate().await;
    // as many empty blocks take their places, and are as final
    service.chain.reorg(service.chain.height(), Reorg::Lost);
    assert!(!watch(&service).await.is_empty());
    service.work().await.unwrap();
    assert_eq!(service.states().await, [BadgeState::Submitted; 2], "what was final is so no more");
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(watch(&service).await, []);
    let stored = service.store.transactions(former, 0, 10).await.unwrap();
    assert_eq!(stored.len(), 1, "its stored bytes, again");
    service.assert_kept().await;
}

async fn a_node_without_the_block_says_nothing(store: Arc<dyn Store>) {
    let mut service = final_badges(store).await;
    let lost = service.chain.height();
    service.chain.reorg(2, Reorg::Lost);
    let halt = Halt {
        chain_id: service.stream.chain_id,
        reason: HaltReason::Finality { number: lost },
        since: service.clock.now(),
        detail: "for this test".into(),
    };
    service.store.halt(&halt).await.unwrap();
    service.chain.fail_read(Read::Header, ReadFault::Absent, u32::MAX);
    service.blocks(4).await;
    assert_eq!(service.states().await, [BadgeState::Final; 2], "nothing is known to be lost");
    assert!(!watch(&service).await.is_empty(), "and nothing to stand");
    service.chain.heal();
    service.work().await.unwrap();
    assert_eq!(watch(&service).await, []);
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
