//! A key service that fails: no nonce is taken, nothing is stored or sent, and what needs no signature
//! goes on.

use std::sync::Arc;

use domain::BadgeState;
use store::Store;

use crate::support::{Service, SigningFault, SigningService, over_both_databases};

over_both_databases!(
    a_key_service_that_fails_takes_no_nonce,
    a_higher_fee_that_cannot_be_signed_leaves_the_stored_one_alive,
    what_needs_no_signature_goes_on_without_the_key,
);

const GWEI: u128 = 1_000_000_000;

/// Whose key is in a service of its own.
async fn signed_by_a_service(store: Arc<dyn Store>) -> (Service, SigningService) {
    let mut service = Service::on(store).await;
    let signing = SigningService::start(service.signing_policy()).await;
    assert_eq!(signing.key.address(), service.signer.address);
    service.sign_with(Arc::clone(&signing.key));
    (service, signing)
}

async fn a_key_service_that_fails_takes_no_nonce(store: Arc<dyn Store>) {
    let (mut service, signing) = signed_by_a_service(store).await;
    let faults = [
        SigningFault::Throttled,
        SigningFault::Down,
        SigningFault::Page,
        SigningFault::OtherKey,
        SigningFault::OtherTransaction,
    ];
    for (nonce, fault) in faults.into_iter().enumerate() {
        signing.set(Some(fault));
        let badges = service.submit(2).await;
        service.grow_old();
        service.blocks(3).await;
        for badge in badges {
            assert_eq!(service.record(badge).await.state(), BadgeState::Sealed, "{fault:?}");
        }
        assert_eq!(signing.asked(), 3, "{fault:?}: once a block");
        assert_eq!(service.attempts_by_nonce().await.len(), nonce, "{fault:?}");
        assert_eq!(service.chain.wire().len(), nonce, "{fault:?}");
        signing.set(None);
        service.until_final().await;
        assert_eq!(signing.asked(), 1, "{fault:?}");
        assert_eq!(service.attempts_by_nonce().await.len(), nonce + 1, "{fault:?}");
    }
    service.assert_kept().await;
}

async fn a_higher_fee_that_cannot_be_signed_leaves_the_stored_one_alive(store: Arc<dyn Store>) {
    let (mut service, signing) = signed_by_a_service(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    service.chain.set_base_fee(10 * GWEI);
    signing.set(Some(SigningFault::Down));
    service.blocks(5).await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
    // what every pool lost meanwhile is sent again as it is
    service.chain.drop_pool();
    service.chain.set_base_fee(GWEI);
    service.blocks(3).await;
    assert_eq!(service.states().await, [BadgeState::Included; 2]);
    signing.set(None);
    service.until_final().await;
    service.assert_kept().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)]);
}

async fn what_needs_no_signature_goes_on_without_the_key(store: Arc<dyn Store>) {
    let (mut service, signing) = signed_by_a_service(store).await;
    let first = service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    signing.set(Some(SigningFault::Throttled));
    let second = service.submit(2).await;
    service.grow_old();
    service.blocks(8).await;
    assert_eq!(service.record(first[0]).await.state(), BadgeState::Final);
    assert_eq!(service.record(second[0]).await.state(), BadgeState::Sealed);
    signing.set(None);
    service.until_final().await;
    service.assert_kept().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1)]);
}
