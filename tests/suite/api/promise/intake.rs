//! Intake closes in time, says why, and opens again.

use std::sync::Arc;

use chain::simulated::{Read, ReadFault};
use domain::{BadgeState, ClosedReason, Gate};
use store::Store;

use super::Watched;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    with_all_nodes_down_for_hours_intake_closes_before_the_promise_is_at_risk,
    a_signer_without_money_closes_intake_and_opens_it_again,
    while_finality_stalls_badges_stay_included_and_the_clock_is_shown,
    nodes_that_do_not_agree_on_finality_have_answered,
    a_process_without_a_worker_sees_that_nobody_anchors,
    an_idle_service_in_front_of_an_idle_chain_takes_badges,
);

async fn with_all_nodes_down_for_hours_intake_closes_before_the_promise_is_at_risk(
    store: Arc<dyn Store>,
) {
    let mut watched = Watched::on(store).await;
    watched.moments(3).await;
    assert_eq!(watched.closed().await, None);
    watched.api.service.grow_old();
    watched.api.service.chain.fail_reads(ReadFault::Unavailable, u32::MAX);
    for _ in 0..5 {
        watched.hours(1, false).await;
        assert_eq!(watched.closed().await, None, "it may come back");
    }
    watched.hours(2, false).await;
    assert_eq!(watched.closed().await.as_deref(), Some("chain-unreachable"));
    let left = watched.told_of_chain().await["marginMs"].as_i64().unwrap();
    assert!(left > 16 * HOUR_MS, "every promise can still be kept: {left}");
    let gate = watched.look().await.gate;
    assert!(
        matches!(gate, Gate::Closed { reason: ClosedReason::ChainUnreachable, .. }),
        "{gate:?}"
    );
    assert_eq!(watched.api.get("/v1/badges").await.status, 200, "reads go on");

    watched.api.service.chain.heal();
    watched.moments(2).await;
    assert_eq!(watched.closed().await, None, "open again");
    assert_eq!(watched.look().await.gate, Gate::Open);
    watched.api.service.grow_old();
    watched.api.service.until_final().await;
    watched.api.service.assert_kept().await;
    assert!(watched.breaches().await.is_empty());
}

async fn a_signer_without_money_closes_intake_and_opens_it_again(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let signer = watched.api.service.signer.address;
    let money = watched.api.service.chain.balance(signer);
    watched.moments(2).await;
    watched.post().await;
    watched.api.service.chain.set_balance(signer, 0);
    watched.hours(5, true).await;
    assert_eq!(watched.closed().await, None);
    watched.hours(2, true).await;
    assert_eq!(watched.closed().await.as_deref(), Some("blocked"));
    watched.api.service.chain.set_balance(signer, money);
    watched.moments(2).await;
    assert_eq!(watched.closed().await, None);
    watched.api.service.grow_old();
    watched.api.service.until_final().await;
    watched.api.service.assert_kept().await;
}

async fn while_finality_stalls_badges_stay_included_and_the_clock_is_shown(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.moments(2).await;
    watched.post().await;
    watched.api.service.grow_old();
    watched.api.service.chain.stall_finality(true);
    watched.moments(5).await;
    assert_eq!(watched.api.service.states().await, [BadgeState::Included]);
    watched.hours(7, true).await;
    assert_eq!(watched.closed().await.as_deref(), Some("finality-stalled"));
    let told = watched.told_of_chain().await;
    assert_eq!((&told["open"], &told["included"]), (&1.into(), &1.into()));
    assert!(told["marginMs"].as_i64().unwrap() < 17 * HOUR_MS);
    // past the deadline: in a block in time, so not broken; not final either, so not kept
    watched.hours(18, true).await;
    let told = watched.told_of_chain().await;
    assert!(told["marginMs"].as_i64().unwrap() < 0);
    assert_eq!((&told["overdue"], &told["breaches"]), (&0.into(), &0.into()));
    assert_eq!(watched.api.service.states().await, [BadgeState::Included]);
    watched.api.service.chain.stall_finality(false);
    watched.moments(12).await;
    watched.api.service.until_final().await;
    watched.look().await;
    assert_eq!(watched.closed().await, None);
    assert_eq!(watched.told_of_chain().await["late"], 0);
    assert!(watched.breaches().await.is_empty());
}

async fn nodes_that_do_not_agree_on_finality_have_answered(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.moments(2).await;
    watched.api.service.chain.fail_read(Read::Finalized, ReadFault::Unavailable, u32::MAX);
    watched.hours(7, true).await;
    assert_eq!(watched.closed().await, None, "nothing waits for finality");
    watched.api.service.grow_old();
    watched.moments(5).await;
    watched.hours(7, true).await;
    assert_eq!(watched.closed().await.as_deref(), Some("finality-stalled"));
    watched.api.service.chain.heal();
    watched.moments(12).await;
    watched.api.service.until_final().await;
    watched.look().await;
    assert_eq!(watched.closed().await, None);
}

/// A process of the API alone, and no worker anywhere.
async fn a_process_without_a_worker_sees_that_nobody_anchors(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let mut watch = super::watch(&watched.api, watched.host.clone(), false, None);
    watch.round().await.unwrap();
    watched.post().await;
    for _ in 0..6 * 6 {
        watched.api.service.clock.advance(super::STEP_MS);
        watched.api.service.chain.mine();
        watch.round().await.unwrap();
    }
    assert_eq!(watched.closed().await.as_deref(), Some("no-worker"));
    let left = watched.told_of_chain().await["marginMs"].as_i64().unwrap();
    assert!(left > 17 * HOUR_MS, "long before it is urgent");
    watched.moments(2).await;
    assert_eq!(watched.closed().await, None, "it is back");
}

async fn an_idle_service_in_front_of_an_idle_chain_takes_badges(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.moments(2).await;
    watched.hours(30, false).await;
    assert_eq!(watched.closed().await, None);
    watched.hours(1, false).await;
    assert_eq!(watched.closed().await, None);
    watched.hours(6, false).await;
    assert_eq!(watched.closed().await.as_deref(), Some("chain-halted"));
}
