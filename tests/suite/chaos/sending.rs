//! Nodes that take transactions, do not take them, or say otherwise.

use std::sync::Arc;

use chaos_rpc::{Dialect, Fault, Rule};
use domain::BadgeState;
use serde_json::json;
use store::Store;
use worker::StepError;

use super::world::{World, raw};
use super::{SEND, over_sqlite};
use crate::support::over_both_databases;

over_both_databases!(
    an_older_attempt_is_mined_after_a_bump,
    a_node_takes_the_bytes_and_its_answer_is_lost,
);
over_sqlite!(
    a_node_says_yes_and_never_forwards,
    bytes_that_a_node_has_count_as_sent,
    a_nonce_that_is_used_by_ours_is_waited_for,
    a_node_lies_that_the_nonce_is_too_low,
    a_gap_is_filled_from_the_lowest_nonce,
    an_underpriced_replacement_pays_more,
    every_bump_passes_the_rule_of_ten_percent,
    a_node_answers_another_hash,
    a_pool_that_forgets_is_told_again,
);

fn pool(dialect: Dialect, percent: u64, refuses_gaps: bool, keeps: bool) -> Rule {
    Rule::on(SEND, Fault::Pool { dialect, percent, refuses_gaps, keeps })
}

async fn an_older_attempt_is_mined_after_a_bump(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::on(SEND, Fault::Swallow)]);
    world.submit(2).await;
    world.blocks(4).await;
    world.work().await.unwrap();
    let attempts = world.attempts().await;
    assert!(attempts.len() > 1, "it pays more");
    assert!(world.proxies[0].counts().injected("swallow") > 1);
    world.node.rpc(SEND, json!([raw(&attempts[0].raw)])).await;
    world.block().await;
    world.until_final().await;
    assert_eq!(world.inclusion().await.transaction, Some(attempts[0].hash));
    world.assert_kept(0).await;
}

async fn a_node_takes_the_bytes_and_its_answer_is_lost(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    for (nonce, fault) in [
        Fault::Drop,
        Fault::Status { status: 504 },
        Fault::HalfJson,
        Fault::Html,
        Fault::EmptyBody,
        Fault::Error { code: -32000, message: "request timed out".to_owned() },
    ]
    .into_iter()
    .enumerate()
    {
        let before = world.proxies[0].counts().total();
        world.proxies[0].set([Rule::on(SEND, fault.clone()).times(2).after_acting()]);
        world.submit(2).await;
        world.until_final().await;
        assert!(world.proxies[0].counts().total() > before, "{fault:?}");
        assert_eq!(world.attempts_by_nonce().await.len(), nonce + 1, "{fault:?}: no new nonce");
        assert_eq!(world.attempts().await.len(), 1, "{fault:?}: the same bytes");
    }
    world.assert_kept(0).await;
}

async fn a_node_says_yes_and_never_forwards(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    let swallow = || Rule::on(SEND, Fault::Swallow);
    // both for two blocks; then one of them for ever
    for proxy in &world.proxies {
        proxy.set([swallow()]);
    }
    world.submit(2).await;
    world.blocks(2).await;
    assert_eq!(world.state().await, BadgeState::Submitted);
    world.proxies[1].heal();
    world.until_final().await;
    assert!(world.proxies.iter().all(|proxy| proxy.counts().injected("swallow") > 0));
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}

async fn bytes_that_a_node_has_count_as_sent(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    for (nonce, dialect) in Dialect::ALL.into_iter().enumerate() {
        let known = |world: &World| world.proxies[0].counts().injected("pool: known");
        let before = known(&world);
        world.proxies[0].set([pool(dialect, 10, false, false)]);
        world.submit(2).await;
        world.work().await.unwrap();
        world.restart().await;
        world.work().await.unwrap();
        assert!(known(&world) > before, "{dialect:?}");
        world.until_final().await;
        assert_eq!(world.attempts_by_nonce().await.len(), nonce + 1, "{dialect:?}");
    }
    world.assert_kept(0).await;
}

async fn a_nonce_that_is_used_by_ours_is_waited_for(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    for (nonce, dialect) in Dialect::ALL.into_iter().enumerate() {
        let low = |world: &World| world.proxies[0].counts().injected("pool: nonce too low");
        let before = low(&world);
        world.proxies[0].set([pool(dialect, 10, false, false)]);
        world.submit(2).await;
        world.worker.failpoints().arm("after-send");
        assert!(matches!(world.work().await, Err(StepError::Failpoint(_))));
        world.block().await;
        world.restart().await;
        world.work().await.unwrap();
        assert!(low(&world) > before, "{dialect:?}");
        world.until_final().await;
        assert_eq!(world.attempts_by_nonce().await.len(), nonce + 1, "{dialect:?}");
    }
    world.assert_kept(0).await;
}

async fn a_node_lies_that_the_nonce_is_too_low(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    let lie = Rule::error(SEND, "nonce too low: next nonce 6, tx nonce 5");
    world.proxies[0].set([lie.times(3)]);
    world.submit(2).await;
    world.blocks(2).await;
    assert_eq!(world.state().await, BadgeState::Submitted, "no change of state");
    world.until_final().await;
    assert_eq!(world.proxies[0].counts().injected("error"), 3);
    assert_eq!(world.attempts_by_nonce().await.len(), 1);
    world.assert_kept(0).await;
}

async fn a_gap_is_filled_from_the_lowest_nonce(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    // the first is lost, so the second leaves a gap
    let lost = Rule::on(SEND, Fault::Drop).times(1);
    world.proxies[0].set([lost, pool(Dialect::Nethermind, 10, true, false)]);
    world.submit(60).await;
    world.work().await.unwrap();
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    let counts = world.proxies[0].counts();
    assert_eq!((counts.injected("drop"), counts.injected("pool: nonce too high")), (1, 1));
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    world.assert_kept(0).await;
}

async fn an_underpriced_replacement_pays_more(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    // twice as much is wanted, and nothing is mined meanwhile
    world.proxies[0].set([pool(Dialect::Erigon, 100, false, true)]);
    world.submit(2).await;
    world.blocks(10).await;
    let refused = world.proxies[0].counts().injected("pool: underpriced");
    assert!(refused > 0);
    let attempts = world.attempts().await;
    assert!(attempts.len() > 3, "each refusal is followed by a higher offer");
    for pair in attempts.windows(2) {
        let (old, new) = (pair[0].fees, pair[1].fees);
        assert!(new.max_fee * 8 >= old.max_fee * 9, "both by an eighth: {old:?} {new:?}");
        assert!(new.max_priority_fee * 8 >= old.max_priority_fee * 9, "{old:?} {new:?}");
    }
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 1);
    world.assert_kept(0).await;
}

async fn every_bump_passes_the_rule_of_ten_percent(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([pool(Dialect::Geth, 10, false, true)]);
    world.submit(2).await;
    world.blocks(10).await;
    let counts = world.proxies[0].counts();
    assert!(counts.injected("pool: known") > 0);
    assert_eq!(counts.injected("pool: underpriced"), 0);
    assert!(world.attempts().await.len() > 2);
    world.heal();
    world.until_final().await;
    world.assert_kept(0).await;
}

async fn a_node_answers_another_hash(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    let other = || Rule::result(SEND, format!("0x{}", "77".repeat(32))).times(1);
    for (nonce, rule) in [other(), other().after_acting()].into_iter().enumerate() {
        world.proxies[0].set([rule]);
        world.submit(2).await;
        world.until_final().await;
        assert_eq!(world.proxies[0].counts().injected("result"), nonce as u64 + 1);
        assert_eq!(world.attempts_by_nonce().await.len(), nonce + 1);
        let hash = world.attempts().await[0].hash;
        assert_eq!(world.inclusion().await.transaction, Some(hash), "ours counts");
    }
    world.assert_kept(0).await;
}

async fn a_pool_that_forgets_is_told_again(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(60).await;
    world.work().await.unwrap();
    world.forget(&world.attempts().await[0]).await;
    world.block().await;
    world.work().await.unwrap();
    world.block().await;
    world.work().await.unwrap();
    assert_eq!(world.states().await, [BadgeState::Included; 60], "within one block");

    world.submit(60).await;
    world.work().await.unwrap();
    world.node.rpc("anvil_dropAllTransactions", json!([])).await;
    world.block().await;
    world.work().await.unwrap();
    world.block().await;
    world.work().await.unwrap();
    assert!(world.state().await >= BadgeState::Included, "{:?}", world.state().await);
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1), (2, 1), (3, 1)]);
    world.assert_kept(0).await;
}
