//! Blocks that are taken back, on a chain that takes them back.

use std::sync::Arc;

use chain::{Chain as _, TransactionSigner as _};
use chaos_rpc::{Fault, Rule};
use domain::BadgeState;
use serde_json::{Value, json};
use store::Store;
use worker::FinalityWatch;

use super::world::{PATIENT, World, raw};
use super::{BLOCK, SEND, over_sqlite};
use crate::support::over_both_databases;

over_both_databases!(a_reorganisation_of_any_depth_removes_the_transaction, a_final_block_is_lost);
over_sqlite!(
    a_final_block_that_one_node_alone_names_otherwise_is_not_lost,
    a_reorganisation_moves_the_transaction,
    a_reorganisation_brings_another_attempt,
    a_reorganisation_brings_a_foreign_transaction,
);

/// Blocks above a final one, so that what is reorganised is not final yet.
const DEPTH: u64 = 12;

async fn reorganise(world: &World, depth: usize, with: Value) {
    world.node.rpc("anvil_reorg", json!([depth, with])).await;
}

async fn a_reorganisation_of_any_depth_removes_the_transaction(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 2, PATIENT, DEPTH).await else { return };
    for depth in 1..=5 {
        world.submit(2).await;
        world.work().await.unwrap();
        for _ in 0..depth {
            world.block().await;
        }
        world.work().await.unwrap();
        assert_eq!(world.state().await, BadgeState::Included, "{depth}");
        reorganise(&world, depth, json!([])).await;
        world.work().await.unwrap();
        assert_eq!(world.state().await, BadgeState::Submitted, "{depth}");
        world.blocks(2).await;
        world.work().await.unwrap();
        assert_eq!(world.state().await, BadgeState::Included, "{depth}: sent again");
    }
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 5, "the same nonces all along");
    world.assert_kept(0).await;
}

async fn a_reorganisation_moves_the_transaction(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 1, PATIENT, DEPTH).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.blocks(3).await;
    world.work().await.unwrap();
    let before = world.inclusion().await;
    let ours = world.attempts().await.remove(0);
    // from the first of three blocks to the third
    reorganise(&world, 3, json!([[raw(&ours.raw), 2]])).await;
    world.blocks(1).await;
    world.work().await.unwrap();
    let after = world.inclusion().await;
    assert_eq!(after.block_number, before.block_number + 2);
    assert_ne!(after.block_hash, before.block_hash);
    world.until_final().await;
    assert_eq!(world.inclusion().await.block_hash, after.block_hash);
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)]);
    world.assert_kept(0).await;
}

async fn a_reorganisation_brings_another_attempt(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 1, PATIENT, DEPTH).await else { return };
    world.proxies[0].set([Rule::on(SEND, Fault::Swallow)]);
    world.submit(2).await;
    world.blocks(4).await;
    world.work().await.unwrap();
    let attempts = world.attempts().await;
    let [first, .., newest] = &attempts[..] else { panic!("it pays more: {attempts:?}") };
    world.heal();
    world.node.rpc(SEND, json!([raw(&newest.raw)])).await;
    world.block().await;
    world.work().await.unwrap();
    assert_eq!(world.inclusion().await.transaction, Some(newest.hash));
    reorganise(&world, 1, json!([[raw(&first.raw), 0]])).await;
    world.until_final().await;
    assert_eq!(world.inclusion().await.transaction, Some(first.hash));
    assert_eq!(world.attempts_by_nonce().await.len(), 1);
    world.assert_kept(0).await;
}

async fn a_reorganisation_brings_a_foreign_transaction(store: Arc<dyn Store>) {
    let Some(mut world) = World::with(store, 1, PATIENT, DEPTH).await else { return };
    world.submit(2).await;
    world.work().await.unwrap();
    world.block().await;
    world.work().await.unwrap();
    assert_eq!(world.state().await, BadgeState::Included);
    // somebody else with the key
    let (signer, fees) = (world.key.address(), world.attempts().await[0].fees);
    let foreign = json!({
        "from": signer, "to": signer, "value": "0x1", "nonce": "0x0", "gas": "0x5208",
        "maxFeePerGas": format!("{:#x}", fees.max_fee),
        "maxPriorityFeePerGas": format!("{:#x}", fees.max_priority_fee),
        "chainId": format!("{:#x}", world.stream.chain_id),
    });
    let foreign = world.node.rpc("eth_signTransaction", json!([foreign])).await;
    reorganise(&world, 1, json!([[foreign, 0]])).await;
    world.work().await.unwrap();
    assert_eq!(world.attempts_by_nonce().await, [(0, 1)], "not before it is final");
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await, [(0, 1), (1, 1)]);
    world.assert_kept(1).await;
}

async fn a_final_block_is_lost(store: Arc<dyn Store>) {
    let Some(mut world) = World::on(store, 2).await else { return };
    world.node.mine(10).await;
    world.submit(2).await;
    world.until_final().await;
    let watch = |world: &World| {
        let chain: Arc<dyn chain::Chain> = world.chain.clone();
        FinalityWatch::new(Arc::clone(&world.store), chain, world.clock.clone())
    };
    watch(&world).look().await.unwrap();
    let halts = async |world: &World| world.store.halts(world.stream.chain_id).await.unwrap().len();
    assert_eq!(halts(&world).await, 0);

    let head = world.direct.head().await.unwrap().block.number;
    reorganise(&world, 6, json!([])).await;
    // for a while no block of its number is final
    for proxy in &world.proxies {
        let earlier = Fault::Asks { parameter: json!(format!("{:#x}", head - 8)) };
        proxy.set([Rule::on(BLOCK, earlier).with("finalized")]);
    }
    watch(&world).look().await.unwrap();
    assert_eq!(halts(&world).await, 1, "never silent");
    let before = world.attempts_by_nonce().await;
    world.submit(2).await;
    world.blocks(2).await;
    assert_eq!(world.attempts_by_nonce().await, before, "nothing new is begun");
    assert!(world.proxies.iter().all(|proxy| proxy.counts().injected("asks") > 0));
    world.heal();
    for _ in 0..12 {
        world.blocks(1).await;
        watch(&world).look().await.unwrap();
    }
    assert_eq!(halts(&world).await, 0, "a block of its number is final again");
    world.until_final().await;
    assert_eq!(world.attempts_by_nonce().await.len(), 2);
    world.assert_kept(0).await;
}

async fn a_final_block_that_one_node_alone_names_otherwise_is_not_lost(store: Arc<dyn Store>) {
    let Some(world) = World::on(store, 3).await else { return };
    world.node.mine(80).await;
    let chain: Arc<dyn chain::Chain> = world.chain.clone();
    let watch = FinalityWatch::new(Arc::clone(&world.store), chain, world.clock.clone());
    watch.look().await.unwrap();
    let chain_id = world.stream.chain_id;
    let noted = world.store.final_block(chain_id).await.unwrap().unwrap();
    world.node.mine(3).await;
    let other =
        Fault::Patch { pointer: "/hash".into(), value: json!(format!("0x{}", "ab".repeat(32))) };
    world.proxies[0].set([Rule::on(BLOCK, other).with(format!("{:#x}", noted.number))]);
    watch.look().await.unwrap();
    assert!(world.proxies[0].counts().injected("patch") > 0);
    assert_eq!(world.store.halts(chain_id).await.unwrap(), []);
    let later = world.store.final_block(chain_id).await.unwrap().unwrap();
    assert!(later.number > noted.number, "the others' word counts");
}
