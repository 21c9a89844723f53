//! What nodes say about fees and gas.

use std::sync::Arc;

use chaos_rpc::{Fault, Rule};
use domain::BadgeState;
use serde_json::json;
use store::Store;

use super::world::World;
use super::{BLOCK, ESTIMATE, over_sqlite};
use crate::support::POLICY;

over_sqlite!(
    an_absurd_tip_is_clamped,
    an_absurd_base_fee_is_capped,
    an_estimate_that_fails_is_bounded,
    an_estimate_that_lies_low_costs_one_nonce,
    an_estimate_below_all_costs_is_not_believed,
);

async fn an_absurd_tip_is_clamped(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    let absurd = format!("{:#x}", u128::MAX);
    world.proxies[0].set([Rule::result("eth_maxPriorityFeePerGas", absurd)]);
    world.submit(2).await;
    world.until_final().await;
    assert!(world.proxies[0].counts().injected("result") > 0);
    let fees = world.attempts().await[0].fees;
    assert!(fees.max_priority_fee <= POLICY.fees.max_priority_fee, "{fees:?}");
    world.assert_kept(0).await;
}

async fn an_absurd_base_fee_is_capped(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    let value = json!(format!("{:#x}", 1_000_000 * 1_000_000_000_u64));
    let lie = Fault::Patch { pointer: "/baseFeePerGas".to_owned(), value };
    world.proxies[0].set([Rule::on(BLOCK, lie)]);
    world.submit(2).await;
    world.blocks(3).await;
    assert!(world.proxies[0].counts().injected("patch") > 0);
    world.heal();
    world.until_final().await;
    for attempt in world.attempts().await {
        assert!(attempt.fees.max_fee <= POLICY.fees.usual_cap, "{:?}", attempt.fees);
    }
    world.assert_kept(0).await;
}

async fn an_estimate_that_fails_is_bounded(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::error(ESTIMATE, "gas required exceeds allowance (0)")]);
    world.submit(2).await;
    world.until_final().await;
    assert!(world.proxies[0].counts().injected_on("error", ESTIMATE) > 0);
    assert_eq!(world.attempts().await[0].gas_limit, 5_000_000, "the profile's cap");
    world.assert_kept(0).await;
}

async fn an_estimate_that_lies_low_costs_one_nonce(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::result(ESTIMATE, format!("{:#x}", 30_000)).times(1)]);
    world.submit(2).await;
    world.until_final().await;
    assert_eq!(world.proxies[0].counts().injected_on("result", ESTIMATE), 1);
    // out of gas on chain, then again with an honest estimate
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    world.assert_kept(0).await;
}

async fn an_estimate_below_all_costs_is_not_believed(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::result(ESTIMATE, "0x5208")]);
    world.submit(2).await;
    world.blocks(2).await;
    assert!(world.proxies[0].counts().injected_on("result", ESTIMATE) > 0);
    assert!(world.attempts_by_nonce().await.is_empty(), "no nonce for what no node would take");
    assert_eq!(world.state().await, BadgeState::Sealed);
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}
