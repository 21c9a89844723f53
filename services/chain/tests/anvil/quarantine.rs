//! Which nodes are put aside, for how long, and how that is told.

use std::time::Duration;

use chain::{Chain as _, ChainProfile, EvmChain, NodePolicy};
use chaos_rpc::{ChaosRpc, DevelopmentNode, Fault, Rule};
use serde_json::json;

use crate::captured_log::CapturedLog;
use crate::development_node::{PATIENT, profile};

const BLOCK: &str = "eth_getBlockByNumber";

/// Three proxies before a node of 20 blocks.
async fn three(nodes: NodePolicy) -> Option<(DevelopmentNode, [ChaosRpc; 3], EvmChain)> {
    let node = DevelopmentNode::start()?;
    node.mine(20).await;
    let [one, two, three] = [1, 2, 3].map(|seed| ChaosRpc::start(&node.url, seed));
    let proxies = [one.await, two.await, three.await];
    let urls = proxies.each_ref().map(ChaosRpc::url);
    let chain =
        EvmChain::connect(ChainProfile { nodes, ..profile(&urls) }).await.expect("they answer");
    Some((node, proxies, chain))
}

#[tokio::test]
async fn a_node_that_lags_is_told_of_once_and_taken_back_once() {
    let log = CapturedLog::start();
    let Some((_node, [first, _second, _third], chain)) = three(PATIENT).await else { return };
    let lines = |part: &str| log.text().lines().filter(|line| line.contains(part)).count();
    first.set([Rule::always(Fault::Behind { blocks: PATIENT.max_lag })]);
    chain.head().await.unwrap();
    assert_eq!(lines("node put aside"), 0, "so much is allowed: {}", log.text());
    first.set([Rule::always(Fault::Behind { blocks: PATIENT.max_lag + 1 })]);
    for _ in 0..5 {
        assert_eq!(chain.head().await.unwrap().block.number, 20);
    }
    assert_eq!((lines("node put aside"), lines("node taken back")), (1, 0));
    assert!(log.text().contains("reason=lagging"), "{}", log.text());
    first.heal();
    for _ in 0..5 {
        chain.head().await.unwrap();
    }
    assert_eq!((lines("node put aside"), lines("node taken back")), (1, 1));
}

#[tokio::test]
async fn a_node_that_is_put_aside_is_not_asked_until_its_time_is_over() {
    let hour = NodePolicy { quarantine: Duration::from_secs(3_600), ..PATIENT };
    let Some((_node, [first, _second, _third], chain)) = three(hour).await else { return };
    first.set([Rule::always(Fault::AsOf { block: 3 })]);
    chain.head().await.unwrap();
    first.heal();
    let before = first.counts();
    for _ in 0..3 {
        assert_eq!(chain.head().await.unwrap().block.number, 20);
        assert_eq!(chain.finalized().await.unwrap().block.number, 18);
        assert!(chain.header(20).await.unwrap().is_some());
    }
    assert_eq!(first.counts(), before);
}

#[tokio::test]
async fn a_liar_far_ahead_is_no_measure_for_the_others() {
    let log = CapturedLog::start();
    let Some((_node, [_first, liar, _third], chain)) = three(PATIENT).await else { return };
    let number = Fault::Patch { pointer: "/number".to_owned(), value: json!("0xffffff") };
    liar.set([Rule::on(BLOCK, number).with("latest")]);
    for _ in 0..3 {
        assert_eq!(chain.head().await.unwrap().block.number, 20);
    }
    assert!(liar.counts().injected("patch") > 0);
    let text = log.end();
    assert!(text.contains("reason=ahead") && !text.contains("reason=lagging"), "{text}");
}

#[tokio::test]
async fn the_last_good_node_is_kept() {
    let hour = NodePolicy { quarantine: Duration::from_secs(3_600), ..PATIENT };
    let Some((_node, [first, second, third], chain)) = three(hour).await else { return };
    for bad in [&first, &second] {
        bad.set([Rule::always(Fault::Drop)]);
    }
    for _ in 0..3 {
        assert_eq!(chain.head().await.unwrap().block.number, 20);
    }
    third.set([Rule::always(Fault::Behind { blocks: 10 })]);
    assert_eq!(chain.head().await.unwrap().block.number, 10, "better than none");
    // where all fail, all are asked: one of them may be back
    third.set([Rule::always(Fault::Drop)]);
    chain.head().await.unwrap_err();
    first.heal();
    assert_eq!(chain.head().await.unwrap().block.number, 20);
}
