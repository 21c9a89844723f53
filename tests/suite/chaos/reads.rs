//! Nodes that answer wrong, late, or not at all.

use std::sync::Arc;
use std::time::Duration;

use chaos_rpc::{Fault, Rule};
use domain::BadgeState;
use serde_json::Value;
use store::Store;

use super::world::{PATIENT, STRICT, World};
use super::{CALL, RECEIPT, over_sqlite};
use crate::support::over_both_databases;

over_both_databases!(answers_that_are_none_at_random);
over_sqlite!(
    a_mined_transaction_has_no_receipt,
    the_head_goes_back_and_forth,
    one_of_three_nodes_hangs,
    the_only_node_hangs,
    empty_results_prove_no_absence,
    a_slow_node_is_no_fault,
);

async fn a_mined_transaction_has_no_receipt(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::result(RECEIPT, Value::Null)]);
    world.submit(2).await;
    world.until_final().await;
    assert!(world.proxies[0].counts().injected_on("result", RECEIPT) > 0);
    assert_eq!(world.inclusion().await.transaction, None, "known by its effect alone");
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}

async fn the_head_goes_back_and_forth(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.node.mine(10).await;
    world.submit(2).await;
    for blocks in [0, 3, 1, 6, 0, 2, 7, 1] {
        world.proxies[0].set([Rule::always(Fault::Behind { blocks })]);
        world.blocks(1).await;
    }
    assert!(world.proxies[0].counts().injected("behind") > 0);
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)], "one nonce, one attempt");
    world.assert_kept(0).await;
}

async fn answers_that_are_none_at_random(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    let often = |fault| Rule::always(fault).per_mille(60);
    for proxy in &world.proxies {
        proxy.set([
            often(Fault::Status { status: 429 }),
            often(Fault::Status { status: 503 }),
            often(Fault::Html),
            often(Fault::HalfJson),
            often(Fault::EmptyBody),
            often(Fault::NoResult),
            often(Fault::WrongId),
            often(Fault::Drop),
            often(Fault::Drop).after_acting(),
        ]);
    }
    for _ in 0..4 {
        world.submit(2).await;
        world.blocks(4).await;
    }
    for proxy in &world.proxies {
        let counts = proxy.counts();
        for fault in ["status", "html", "half-json", "empty-body", "wrong-id", "drop"] {
            assert!(counts.injected(fault) > 0, "{fault}: {counts:?}");
        }
    }
    world.heal();
    world.until_final().await;
    assert!(world.attempts_by_nonce().await.len() <= 4, "no nonce was given up");
    world.assert_kept(0).await;
}

async fn one_of_three_nodes_hangs(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 3, STRICT, 0).await else { return };
    world.proxies[0].set([Rule::always(Fault::Hang)]);
    for nonce in 1..=3 {
        world.submit(2).await;
        world.until_final().await;
        assert_eq!(world.attempts_by_nonce().await.len(), nonce);
    }
    let counts = world.proxies[0].counts();
    assert!(counts.injected("hang") > 0);
    // it gets the bytes all the same, and is asked for nothing else once it is put aside
    assert!(counts.injected_on("hang", super::SEND) >= 3, "{counts:?}");
    assert!(counts.injected_on("hang", super::BLOCK) <= 3, "{counts:?}");
    world.assert_kept(0).await;
}

async fn the_only_node_hangs(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.restart_with(chain::NodePolicy { timeout: Duration::from_secs(1), ..PATIENT }).await;
    for fault in [Fault::Hang, Fault::Drip] {
        world.proxies[0].set([Rule::always(fault)]);
        for _ in 0..2 {
            assert!(world.work().await.is_err(), "the round ends within the limit of a call");
            world.block().await;
        }
    }
    let counts = world.proxies[0].counts();
    assert!(counts.injected("hang") > 1 && counts.injected("drip") > 1);
    world.heal();
    world.restart_with(PATIENT).await;
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}

async fn empty_results_prove_no_absence(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    let nothing = || Fault::Result { value: Value::Null };
    let zeros = || Fault::Result { value: Value::from(format!("0x{}", "00".repeat(96))) };
    for rule in [
        Rule::always(nothing()),
        Rule::always(Fault::EmptyBody),
        Rule::on(CALL, nothing()),
        Rule::on(CALL, Fault::Result { value: Value::from("0x") }),
        // it denies what its own receipt says, or what it says whatever block is asked for
        Rule::on(CALL, zeros()),
    ] {
        let what = format!("{rule:?}");
        let before = world.proxies[0].counts().total();
        world.proxies[0].set([rule]);
        world.blocks(3).await;
        assert!(world.proxies[0].counts().total() > before, "{what}");
        assert_eq!(world.state().await, BadgeState::Submitted, "{what}");
        assert_eq!(world.attempts_by_nonce().await.len(), 1, "{what}");
    }
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 1);
    world.assert_kept(0).await;
}

async fn a_slow_node_is_no_fault(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::always(Fault::Delay { milliseconds: 5 })]);
    world.submit(2).await;
    world.until_final().await;
    assert!(world.proxies[0].counts().injected("delay") > 0);
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}
