//! Another key signs: what the former one sent is followed to its end.

use std::sync::Arc;

use domain::{BadgeState, Signer};
use store::Store;
use worker::{FAILPOINTS, StepError};

use crate::support::{Service, over_both_databases};

const GWEI: u128 = 1_000_000_000;

over_both_databases!(
    a_former_signer_is_drained_without_its_key,
    a_former_signer_pays_more_with_its_key,
    a_former_signers_burned_batch_goes_to_the_new_one,
    a_crash_in_the_middle_of_draining_loses_nothing,
    a_former_signers_lease_is_its_own,
);

/// Two badges in flight, too cheap to be mined.
async fn waiting(store: Arc<dyn Store>) -> (Service, Signer) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    assert_eq!(service.states().await, [BadgeState::Submitted; 2]);
    let former = service.signer.clone();
    (service, former)
}

async fn attempts(service: &Service, signer: &Signer) -> Vec<(u64, usize)> {
    let stored = service.store.transactions(signer.id, 0, 100).await.unwrap();
    stored.iter().map(|record| (record.nonce, record.attempts.len())).collect()
}

async fn a_former_signer_is_drained_without_its_key(store: Arc<dyn Store>) {
    let (mut service, former) = waiting(store).await;
    service.chain.drop_pool();
    service.rotate().await;
    service.submit(2).await;
    service.grow_old();
    service.blocks(8).await;
    assert_eq!(attempts(&service, &former).await, [(0, 1)], "nobody can sign for it");
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "the new one has its own nonces");
    assert_eq!(service.states().await[2..], [BadgeState::Final; 2]);
    service.chain.set_base_fee(GWEI);
    service.until_final().await;
    assert_eq!(attempts(&service, &former).await, [(0, 1)], "sent again, and mined");
    service.assert_kept().await;
}

async fn a_former_signer_pays_more_with_its_key(store: Arc<dyn Store>) {
    let (mut service, former) = waiting(store).await;
    let key = service.rotate().await;
    service.worker = service.another_worker("first").with_former_keys(vec![key]);
    service.until_final().await;
    let attempts = attempts(&service, &former).await;
    assert!(matches!(attempts[..], [(0, 2..)]), "{attempts:?}");
    assert!(service.attempts_by_nonce().await.is_empty());
    service.assert_kept().await;
}

async fn a_former_signers_burned_batch_goes_to_the_new_one(store: Arc<dyn Store>) {
    let (mut service, former) = waiting(store).await;
    service.chain.set_role(former.address, false);
    service.chain.set_base_fee(GWEI);
    service.rotate().await;
    service.until_final().await;
    assert_eq!(attempts(&service, &former).await, [(0, 1)], "mined and reverted");
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    service.assert_kept().await;
}

async fn a_crash_in_the_middle_of_draining_loses_nothing(store: Arc<dyn Store>) {
    let (mut service, _) = waiting(store).await;
    service.rotate().await;
    for failpoint in FAILPOINTS {
        service.arm(failpoint);
        for block in 0..3 {
            match service.work().await {
                Err(StepError::Failpoint(_)) => service.restart(),
                other => other.unwrap(),
            }
            if block == 1 {
                service.submit(1).await;
                service.grow_old();
            }
            service.chain.set_base_fee(GWEI);
            service.block();
        }
    }
    service.restart();
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_former_signers_lease_is_its_own(store: Arc<dyn Store>) {
    let (mut service, former) = waiting(store).await;
    // a process with the former key still runs
    let mut old = service.another_worker("old process");
    service.rotate().await;
    service.submit(2).await;
    service.grow_old();
    old.round().await.unwrap();
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    let lease = service.store.lease(former.id, "old process", chain_now(&service), 20_000).await;
    assert!(lease.unwrap().is_some(), "the new process did not take it");
    service.chain.set_base_fee(GWEI);
    service.clock.advance(60_000);
    service.until_final().await;
    service.assert_kept().await;
}

fn chain_now(service: &Service) -> proof::Timestamp {
    use domain::Clock as _;
    service.clock.now()
}
