//! Money that is missing, and that somebody is told before it is.

use std::sync::Arc;

use chain::GasPerMint;
use domain::{BadgeState, BatchState};
use store::Store;
use worker::{BalanceWatch, Forecast, FundsLevel};

use crate::support::{Service, over_both_databases};

const GWEI: u128 = 1_000_000_000;
const ETHER: u128 = 1_000_000_000 * GWEI;

over_both_databases!(
    an_account_drained_while_a_transaction_waits_takes_no_nonce_and_goes_on_when_refilled,
    a_signer_that_cannot_pay_for_the_days_to_come_is_told_of,
);

async fn an_account_drained_while_a_transaction_waits_takes_no_nonce_and_goes_on_when_refilled(
    store: Arc<dyn Store>,
) {
    let mut service = Service::on(store).await;
    let signer = service.signer.address;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_balance(signer, 1);
    service.chain.drop_pool();
    service.submit(2).await;
    service.grow_old();
    service.blocks(6).await;
    assert_eq!(service.states().await[..2], [BadgeState::Submitted; 2]);
    let next = service.record(service.accepted[2]).await.batch.unwrap();
    assert!(matches!(next.state, BatchState::Blocked { .. }), "{:?}", next.state);
    let nonces: Vec<_> =
        service.attempts_by_nonce().await.iter().map(|(nonce, _)| *nonce).collect();
    assert_eq!(nonces, [0]);
    service.chain.set_balance(signer, 10 * ETHER);
    service.until_final().await;
    service.assert_kept().await;
}

async fn a_signer_that_cannot_pay_for_the_days_to_come_is_told_of(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let signer = service.signer.address;
    let watch = BalanceWatch {
        store: Arc::clone(&service.store),
        chain: service.chain.clone(),
        clock: service.clock.clone(),
        signer: service.signer.clone(),
        forecast: Forecast {
            mint: GasPerMint::OWNERS_AS_CODE,
            max_priority_fee: 2 * GWEI,
            days: 10,
        },
    };
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Enough);
    service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    let a_day = watch.funds().await.unwrap().per_day;
    assert!(a_day > 0);
    let chain = Arc::clone(&service.chain);
    let owns = |wei: u128| chain.set_balance(signer, wei);
    owns(10 * a_day);
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Enough);
    owns(10 * a_day - 1);
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Low);
    owns(a_day - 1);
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Short);
    // what waits counts, too
    owns(10 * a_day);
    service.submit(2).await;
    service.grow_old();
    service.chain.set_paused(true);
    service.work().await.unwrap();
    let waiting = watch.funds().await.unwrap().waiting;
    assert!(waiting > 0);
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Low);
    owns(10 * a_day + waiting);
    assert_eq!(watch.look().await.unwrap(), FundsLevel::Enough);
}
