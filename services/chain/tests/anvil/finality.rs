//! What is called final.

use chain::{Chain as _, ChainError, EvmChain, Finality, NodePolicy};
use chaos_rpc::{ChaosRpc, Fault, Rule};
use serde_json::json;

use crate::development_node::{DevelopmentNode, PATIENT, profile, profile_of};

#[tokio::test]
async fn the_tag_and_the_least_depth_both_hold() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(10).await;
    // with one slot per epoch, anvil's tag is two blocks below the head
    for (finality, min_depth, expected) in [
        (Finality::Tag, 0, 8),
        (Finality::Tag, 2, 8),
        (Finality::Tag, 5, 5),
        (Finality::Tag, 64, 0),
        (Finality::Depth, 1, 9),
        (Finality::Depth, 4, 6),
    ] {
        let chain =
            EvmChain::connect(chain::ChainProfile { finality, min_depth, ..profile_of(&node) });
        let chain = chain.await.unwrap();
        let finalized = chain.finalized().await.unwrap();
        assert_eq!(finalized.block.number, expected, "{finality:?} {min_depth}");
        assert_eq!(chain.header(expected).await.unwrap(), Some(finalized));
    }
}

#[tokio::test]
async fn nodes_of_different_histories_finalize_nothing() {
    let (Some(one), Some(two)) = (DevelopmentNode::start(), DevelopmentNode::start()) else {
        return;
    };
    one.mine(5).await;
    two.rpc("evm_increaseTime", serde_json::json!([1000])).await;
    two.mine(5).await;
    let chain = EvmChain::connect(profile(&[&one.url, &two.url])).await.unwrap();
    let finalized = chain.finalized().await;
    assert!(matches!(finalized, Err(chain::ChainError::Retry(_))), "{finalized:?}");
}

/// A proxy before the same node for each of these.
async fn behind_proxies<const N: usize>(node: &DevelopmentNode) -> ([ChaosRpc; N], EvmChain) {
    let mut proxies = Vec::new();
    for seed in 0..N {
        proxies.push(ChaosRpc::start(&node.url, seed as u64).await);
    }
    let urls: Vec<_> = proxies.iter().map(ChaosRpc::url).collect();
    let chain = EvmChain::connect(profile(&urls)).await.expect("they answer");
    (proxies.try_into().expect("as many as were started"), chain)
}

#[tokio::test]
async fn a_node_that_is_behind_makes_final_what_it_has_too() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(10).await;
    let ([first, second, third], chain) = behind_proxies(&node).await;
    assert_eq!(chain.finalized().await.unwrap().block.number, 8);
    // two of three are enough
    third.set([Rule::always(Fault::Behind { blocks: 3 })]);
    assert_eq!(chain.finalized().await.unwrap().block.number, 8);
    second.set([Rule::always(Fault::Behind { blocks: 1 })]);
    assert_eq!(chain.finalized().await.unwrap().block.number, 7);
    assert!(second.counts().injected("behind") > 0 && third.counts().injected("behind") > 0);
    assert_eq!(first.counts().total(), 0);
}

#[tokio::test]
async fn one_node_is_not_enough_where_two_are_configured() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(10).await;
    let ([_first, second], chain) = behind_proxies(&node).await;
    second.set([Rule::always(Fault::Drop)]);
    let alone = chain.finalized().await;
    assert!(matches!(alone, Err(ChainError::Retry(_))), "{alone:?}");
    assert_eq!(chain.head().await.unwrap().block.number, 10, "the rest goes on");
    second.heal();
    let agreed = chain.finalized().await.unwrap();
    assert_eq!(agreed.block.number, 8);
    // what they agreed on stays final; nothing new becomes so
    node.mine(5).await;
    second.set([Rule::always(Fault::Status { status: 503 })]);
    assert_eq!(chain.finalized().await.unwrap(), agreed);
    assert_eq!(chain.head().await.unwrap().block.number, 15);
    second.heal();
    assert_eq!(chain.finalized().await.unwrap().block.number, 13);
    // unless it is not there any more
    node.mine(5).await;
    second.set([Rule::always(Fault::Drop)]);
    node.rpc("anvil_reorg", json!([10, []])).await;
    let gone = chain.finalized().await;
    assert!(matches!(gone, Err(ChainError::Retry(_))), "{gone:?}");
    let policy = NodePolicy { agreeing: 1, ..PATIENT };
    let urls = [node.url.as_str(), "http://127.0.0.1:1"];
    let believing = chain::ChainProfile { nodes: policy, ..profile(&urls) };
    let believing = EvmChain::connect(believing).await.unwrap();
    assert_eq!(believing.finalized().await.unwrap().block.number, 18, "as it is configured");
}

#[tokio::test]
async fn the_one_of_three_that_names_another_block_is_put_aside() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(10).await;
    let ([_first, liar, _third], chain) = behind_proxies(&node).await;
    let other = json!(format!("0x{}", "77".repeat(32)));
    let lie = Fault::Patch { pointer: "/hash".to_owned(), value: other };
    liar.set([Rule::on("eth_getBlockByNumber", lie)]);
    let finalized = chain.finalized().await.unwrap();
    assert_eq!(finalized.block.number, 8);
    assert_eq!(chain.header(8).await.unwrap(), Some(finalized), "the liar is not asked");
    assert!(liar.counts().injected("patch") > 0);
    liar.heal();
    assert_eq!(chain.finalized().await.unwrap(), finalized);
}

#[tokio::test]
async fn of_two_the_one_that_takes_back_its_word_is_put_aside() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(10).await;
    let ([first, second], chain) = behind_proxies(&node).await;
    assert_eq!(chain.finalized().await.unwrap().block.number, 8);
    let other = json!(format!("0x{}", "77".repeat(32)));
    let lie = Fault::Patch { pointer: "/hash".to_owned(), value: other };
    for liar in [&first, &second] {
        liar.set([Rule::on("eth_getBlockByNumber", lie.clone())]);
        let refused = chain.finalized().await;
        assert!(matches!(refused, Err(ChainError::Retry(_))), "one is not enough: {refused:?}");
        let honest = chain.header(8).await.unwrap().unwrap();
        assert_ne!(honest.block.hash, proof::Hash([0x77; 32]), "the other one is asked now");
        liar.heal();
        assert_eq!(chain.finalized().await.unwrap(), honest);
    }
}

#[tokio::test]
async fn finality_that_goes_back_is_put_aside() {
    let Some(node) = DevelopmentNode::start() else { return };
    node.mine(20).await;
    let ([_first, liar, _third], chain) = behind_proxies(&node).await;
    assert_eq!(chain.finalized().await.unwrap().block.number, 18);
    // its head is where it was
    let genesis = node.rpc("eth_getBlockByNumber", json!(["0x0", false])).await;
    liar.set([Rule::result("eth_getBlockByNumber", genesis).with("finalized")]);
    assert_eq!(chain.finalized().await.unwrap().block.number, 18);
    assert!(liar.counts().injected("result") > 0);
    liar.heal();
    node.mine(1).await;
    assert_eq!(chain.finalized().await.unwrap().block.number, 19);
}
