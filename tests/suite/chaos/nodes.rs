//! Several nodes, one of which is not to be believed.

use std::sync::Arc;

use chain::{Chain as _, ChainError, EvmChain};
use chaos_rpc::{Fault, Rule};
use domain::BadgeState;
use serde_json::{Value, json};
use store::Store;

use super::world::{PATIENT, STRICT, World};
use super::{BLOCK, CALL, NONCE, RECEIPT, SEND, over_sqlite};
use crate::support::over_both_databases;

over_both_databases!(a_node_changes_its_chain);
over_sqlite!(
    a_node_is_of_another_chain_from_the_start,
    a_stuck_node_is_put_aside_and_taken_back,
    a_dishonest_tag_is_held_by_the_depth,
    a_node_denies_what_its_own_receipt_says,
    a_burned_nonce_needs_a_second_opinion,
    one_of_two_nodes_is_away,
    nodes_disagree_about_what_is_final,
);

async fn a_node_is_of_another_chain_from_the_start(store: Arc<dyn Store>) {
    let Some(world) = World::on(store, 1).await else { return };
    world.proxies[0].set([Rule::result("eth_chainId", "0x1")]);
    let profile = chain::ChainProfile {
        chain_id: chaos_rpc::DevelopmentNode::CHAIN_ID,
        rpc_urls: vec![world.proxies[0].url().parse().unwrap(), world.node.url.parse().unwrap()],
        finality: chain::Finality::Tag,
        min_depth: 0,
        gas_cap: 5_000_000,
        nodes: PATIENT,
    };
    let refused = EvmChain::connect(profile).await;
    assert!(matches!(refused, Err(ChainError::WrongChain { found: 1, .. })), "{refused:?}");
}

async fn a_node_changes_its_chain(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 3, STRICT, 0).await else { return };
    // what stands behind a URL is exchanged: for a moment it fails, then it is another chain
    let fails = Rule::on(BLOCK, Fault::Status { status: 503 }).times(1);
    world.proxies[0].set([fails, Rule::result("eth_chainId", "0x1")]);
    world.submit(2).await;
    world.until_final().await;
    let counts = world.proxies[0].counts();
    assert!(counts.injected("status") == 1 && counts.injected("result") > 0, "{counts:?}");
    let sent = counts.called(SEND);
    world.submit(2).await;
    world.until_final().await;
    assert_eq!(world.proxies[0].counts().called(SEND), sent, "nothing is sent to another chain");
    world.heal();
    world.restart().await;
    world.submit(2).await;
    world.until_final().await;
    assert_eq!(world.proxies[0].counts().called(SEND), sent + 1);
    world.assert_kept(0).await;
}

async fn a_stuck_node_is_put_aside_and_taken_back(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 3, STRICT, 0).await else { return };
    world.node.mine(5).await;
    world.proxies[0].set([Rule::always(Fault::AsOf { block: 3 })]);
    world.submit(2).await;
    world.blocks(4).await;
    let asked = |world: &World| world.proxies[0].counts().called(BLOCK);
    let before = asked(&world);
    world.until_final().await;
    assert!(world.proxies[0].counts().injected("as-of") > 0);
    assert_eq!(asked(&world), before, "it is not asked any more");
    assert!(world.proxies[0].counts().called(SEND) > 0, "but gets the bytes");

    // where its time aside is over at once
    world.restart_with(chain::NodePolicy { max_lag: 3, ..PATIENT }).await;
    world.submit(2).await;
    world.blocks(2).await;
    world.proxies[0].heal();
    world.until_final().await;
    let before = asked(&world);
    world.chain.finalized().await.unwrap();
    assert!(asked(&world) > before, "it has proved sane");
    world.assert_kept(0).await;
}

async fn a_dishonest_tag_is_held_by_the_depth(store: Arc<dyn Store>) {
    let depth = 5;
    let Some(mut world) = World::with(store, 2, PATIENT, depth).await else { return };
    for proxy in &world.proxies {
        let latest = Fault::Asks { parameter: json!("latest") };
        proxy.set([Rule::on(BLOCK, latest).with("finalized")]);
    }
    world.submit(2).await;
    world.work().await.unwrap();
    for block in 1..=depth {
        world.block().await;
        world.work().await.unwrap();
        assert_eq!(world.state().await, BadgeState::Included, "{block}");
    }
    assert!(world.proxies.iter().all(|proxy| proxy.counts().injected("asks") > 0));
    world.until_final().await;
    world.assert_kept(0).await;
}

/// The node says this wherever it answers at all, so not of blocks that it does not know.
fn says(method: &str, value: impl Into<Value>) -> Rule {
    Rule::on(method, Fault::Patch { pointer: String::new(), value: value.into() })
}

async fn a_node_denies_what_its_own_receipt_says(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    let nothing = format!("0x{}", "00".repeat(96));
    world.proxies[0].set([says(CALL, nothing.clone())]);
    world.until_final().await;
    assert!(world.proxies[0].counts().injected_on("patch", CALL) > 0);
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    // where both do, nothing is known
    world.heal();
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    world.proxies.iter().for_each(|proxy| proxy.set([says(CALL, nothing.clone())]));
    world.blocks(4).await;
    assert_eq!(world.state().await, BadgeState::Submitted);
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 2, "no nonce was given up");
    world.assert_kept(0).await;
}

async fn a_burned_nonce_needs_a_second_opinion(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    let swallow = || Rule::on(SEND, Fault::Swallow);
    world.proxies.iter().for_each(|proxy| proxy.set([swallow()]));
    world.submit(2).await;
    world.work().await.unwrap();
    // one says that the nonce is used; the effect is not there, which is true
    world.proxies[0].set([swallow(), says(NONCE, "0x1"), says(RECEIPT, Value::Null)]);
    world.blocks(8).await;
    assert!(world.proxies[0].counts().injected_on("patch", NONCE) > 0);
    let nonces = world.attempts_by_nonce().await;
    assert_eq!(nonces.len(), 1, "the nonce is not given up: {nonces:?}");
    world.heal();
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 1);
    world.assert_kept(0).await;
}

async fn one_of_two_nodes_is_away(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    world.proxies[1].set([Rule::always(Fault::Drop)]);
    world.submit(2).await;
    world.blocks(8).await;
    assert_eq!(world.state().await, BadgeState::Included, "anchored, and final for nobody yet");
    assert!(world.proxies[1].counts().injected("drop") > 0);
    world.heal();
    world.until_final().await;
    world.assert_kept(0).await;
}

async fn nodes_disagree_about_what_is_final(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    let value = json!(format!("0x{}", "77".repeat(32)));
    let lie = Fault::Patch { pointer: "/hash".to_owned(), value };
    world.proxies[1].set([Rule::on(BLOCK, lie)]);
    world.submit(2).await;
    world.blocks(8).await;
    assert_ne!(world.state().await, BadgeState::Final);
    assert!(world.proxies[1].counts().injected("patch") > 0);
    world.heal();
    world.until_final().await;
    assert!(world.attempts_by_nonce().await.len() == 1);
    world.assert_kept(0).await;
}
