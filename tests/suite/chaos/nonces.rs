//! Nonces that are told wrong, or taken by somebody else.

use std::sync::Arc;

use chain::TransactionSigner as _;
use chaos_rpc::{Dialect, Fault, Rule};
use domain::BadgeState;
use serde_json::json;
use store::Store;
use worker::Restoring;

use super::world::World;
use super::{CALL, NONCE, RECEIPT, SEND, over_sqlite};
use crate::support::over_both_databases;

over_both_databases!(a_foreign_transaction_takes_the_nonce);
over_sqlite!(
    a_stale_nonce_is_never_used_for_allocation,
    a_nonce_that_is_too_high_takes_none,
    a_nonce_that_one_of_three_nodes_invents_halts_nothing,
    the_nonce_of_a_fresh_node_and_the_state_of_a_lagging_one,
    a_node_that_does_not_read_by_hash_gives_up_no_nonce,
);

async fn a_foreign_transaction_takes_the_nonce(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    let pool =
        Fault::Pool { dialect: Dialect::Reth, percent: 10, refuses_gaps: false, keeps: false };
    world.proxies[0].set([Rule::on(SEND, pool)]);
    world.submit(2).await;
    world.work().await.unwrap();
    world.forget(&world.attempts().await[0]).await;
    let signer = world.key.address();
    let foreign = json!({ "from": signer, "to": signer, "value": "0x1", "nonce": "0x0" });
    world.node.rpc("eth_sendTransaction", json!([foreign])).await;
    world.block().await;
    world.restart().await;
    world.work().await.unwrap();
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)], "not before it is final");
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    world.assert_kept(1).await;
}

async fn a_stale_nonce_is_never_used_for_allocation(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    for rule in [
        Rule::result(NONCE, "0x0"),
        Rule::on(NONCE, Fault::Behind { blocks: 5 }),
        Rule::on(NONCE, Fault::ForgetsHash { blocks: 5 }),
    ] {
        let name = rule.fault.name();
        world.proxies[0].set([rule]);
        for _ in 0..3 {
            world.submit(2).await;
            world.blocks(2).await;
        }
        assert!(world.proxies[0].counts().injected_on(name, NONCE) > 0, "{name}");
        world.heal();
        world.until_final().await;
    }
    let nonces: Vec<_> = world.attempts_by_nonce().await.iter().map(|(nonce, _)| *nonce).collect();
    assert_eq!(nonces, (0..nonces.len() as u64).collect::<Vec<_>>(), "one after the other");
    assert!(nonces.len() <= 9, "none was given up: {nonces:?}");
    world.assert_kept(0).await;
}

async fn a_nonce_that_is_too_high_takes_none(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.proxies[0].set([Rule::result(NONCE, "0x9")]);
    world.submit(2).await;
    world.blocks(4).await;
    assert!(world.proxies[0].counts().injected("result") > 0);
    assert!(world.attempts_by_nonce().await.len() <= 2);
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    world.assert_kept(0).await;
}

async fn a_nonce_that_one_of_three_nodes_invents_halts_nothing(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 3).await else { return };
    world.proxies[0].set([Rule::result(NONCE, "0xffff")]);
    let restoring = Restoring {
        store: world.store.as_ref(),
        chain: world.chain.as_ref(),
        clock: world.clock.as_ref(),
    };
    restoring.check(Some(&world.signer), &[], false).await.unwrap();
    let halts = async |world: &World| world.store.halts(world.stream.chain_id).await.unwrap();
    assert_eq!(halts(&world).await, [], "at the start");
    let adopted = restoring.adopt().await.unwrap();
    let nonces: Vec<_> = adopted.lines.iter().filter(|line| line.starts_with("nonces")).collect();
    assert!(nonces.is_empty(), "a gap that could never be filled: {nonces:?}");
    assert!(world.proxies[0].counts().injected_on("result", NONCE) > 0);
    world.submit(2).await;
    world.blocks(2).await;
    assert_eq!(halts(&world).await, [], "while it runs");
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.heal();
    world.assert_kept(0).await;
}

async fn the_nonce_of_a_fresh_node_and_the_state_of_a_lagging_one(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    world.proxies[0].set([
        Rule::on(CALL, Fault::Behind { blocks: 3 }),
        Rule::on(RECEIPT, Fault::Behind { blocks: 3 }),
    ]);
    world.blocks(3).await;
    assert_eq!(world.state().await, BadgeState::Submitted, "nothing is concluded from it");
    assert!(world.proxies[0].counts().injected_on("behind", CALL) > 0);
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}

async fn a_node_that_does_not_read_by_hash_gives_up_no_nonce(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 1).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    // the state before, whatever block is asked for, and no receipt that says the contrary
    for blocks in 0..5 {
        let forgets = Fault::ForgetsHash { blocks: blocks + 1 };
        world.proxies[0]
            .set([Rule::on(CALL, forgets), Rule::result(RECEIPT, serde_json::Value::Null)]);
        world.blocks(1).await;
    }
    let counts = world.proxies[0].counts();
    assert!(counts.injected_on("forgets-hash", CALL) > 0, "{counts:?}");
    assert_eq!(world.state().await, BadgeState::Submitted, "no nonce is given up");
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}
