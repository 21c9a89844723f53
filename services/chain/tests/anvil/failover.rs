//! Nodes that fail, lie, or keep silent.

use std::time::Duration;

use chain::{Chain as _, ChainError, ChainProfile, EvmChain, NodePolicy, SendError, Sent};
use chaos_rpc::{ChaosRpc, Fault, Rule};
use serde_json::json;

use crate::development_node::{CHAIN_ID, COMMITMENT, Deployed, DevelopmentNode, PATIENT, profile};
use crate::scripted_node::{Reply, ScriptedNode};

fn chain_id() -> Reply {
    Reply::Result(json!(format!("{CHAIN_ID:#x}")))
}

/// Connects however long a loaded machine takes.
async fn connected(profile: ChainProfile) -> EvmChain {
    loop {
        match EvmChain::connect(profile.clone()).await {
            Ok(chain) => return chain,
            Err(ChainError::Retry(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn reads_go_on_at_the_next_node() {
    let Some(good) = DevelopmentNode::start() else { return };
    good.mine(3).await;
    let bad = ChaosRpc::start(&good.url, 1).await;
    let result = |value| Fault::Result { value };
    for fault in [
        Fault::Status { status: 429 },
        Fault::Status { status: 500 },
        Fault::Status { status: 503 },
        Fault::Status { status: 302 },
        Fault::Html,
        Fault::HalfJson,
        Fault::EmptyBody,
        Fault::NoResult,
        result(json!(null)),
        result(json!({ "number": "0x1" })),
        Fault::Error { code: -32000, message: "header not found".to_owned() },
        Fault::Huge { bytes: 5 << 20 },
        Fault::WrongId,
        Fault::Drop,
    ] {
        let what = format!("{fault:?}");
        let chain = connected(profile(&[bad.url(), &good.url])).await;
        let alone = connected(profile(&[bad.url()])).await;
        let before = bad.counts().total();
        bad.set([Rule::on("eth_getBlockByNumber", fault)]);
        let head = chain.head().await;
        assert_eq!(head.as_ref().map(|head| head.block.number).ok(), Some(3), "{what}: {head:?}");
        assert!(bad.counts().total() > before, "{what}");
        let head = alone.head().await;
        assert!(matches!(head, Err(ChainError::Retry(_))), "{what}: {head:?}");
        bad.heal();
        assert_eq!(alone.head().await.unwrap().block.number, 3, "{what} is over");
    }
}

#[tokio::test]
async fn a_node_that_never_ends_its_answer_is_left_after_the_limit() {
    let Some(good) = DevelopmentNode::start() else { return };
    good.mine(3).await;
    let bad = ChaosRpc::start(&good.url, 1).await;
    let soon = NodePolicy { timeout: Duration::from_millis(300), ..PATIENT };
    for fault in [Fault::Hang, Fault::Drip, Fault::Delay { milliseconds: 60_000 }] {
        let name = fault.name();
        // the good one alone decides how long this takes
        let nodes = NodePolicy { late_answers: Duration::from_millis(1), ..PATIENT };
        let urls = [bad.url(), &good.url];
        let chain = connected(ChainProfile { nodes, ..profile(&urls) }).await;
        let alone = connected(ChainProfile { nodes: soon, ..profile(&[bad.url()]) }).await;
        let before = bad.counts().injected(name);
        bad.set([Rule::on("eth_getBlockByNumber", fault)]);
        assert_eq!(chain.head().await.unwrap().block.number, 3, "{name}");
        let refused = alone.head().await;
        assert!(matches!(refused, Err(ChainError::Retry(_))), "{name}: {refused:?}");
        assert!(bad.counts().injected(name) > before, "{name}");
        bad.heal();
    }
}

#[tokio::test]
async fn a_node_that_changes_its_chain_is_left_alone() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let Some(good) = DevelopmentNode::start() else { return };
    good.mine(3).await;
    let asked = AtomicUsize::new(0);
    let changing = ScriptedNode::start(move |method| match method {
        "eth_chainId" if asked.fetch_add(1, Ordering::SeqCst) == 0 => chain_id(),
        "eth_chainId" => Reply::Result(json!("0x1")),
        _ => Reply::Http(503, String::new()),
    })
    .await;
    let alone = EvmChain::connect(profile(&[&changing.url])).await.unwrap();
    assert!(matches!(alone.head().await, Err(ChainError::Retry(_))));
    let refused = alone.head().await;
    assert!(matches!(refused, Err(ChainError::WrongChain { found: 1, .. })), "{refused:?}");
    assert!(matches!(alone.send(&[1]).await, Err(SendError::Unknown(_))));
    assert!(!changing.methods().contains(&"eth_sendRawTransaction".to_owned()));

    let both = EvmChain::connect(profile(&[&changing.url, &good.url])).await;
    assert!(matches!(both, Err(ChainError::WrongChain { .. })), "at the start it is refused");
}

#[tokio::test]
async fn nobody_home_is_no_reason_to_show_a_key() {
    let profile = profile(&["http://someone:passw0rd@127.0.0.1:1/v3/0123456789abcdef"]);
    let printed = format!("{profile:?}");
    let error = EvmChain::connect(profile).await.unwrap_err();
    assert!(matches!(error, ChainError::Retry(_)));
    let shown = format!("{printed} {error} {error:?}");
    assert!(shown.contains("127.0.0.1:1"), "{shown}");
    assert!(!shown.contains("0123456789abcdef") && !shown.contains("passw0rd"), "{shown}");
    assert!(matches!(
        EvmChain::connect(crate::development_node::profile(&[])).await,
        Err(ChainError::Retry(_))
    ));
}

#[tokio::test]
async fn bytes_go_to_every_node() {
    let Some(d) = Deployed::start().await else { return };
    let anchor = d.sign(d.anchor(), 0, 10).await;
    let [silent, liar, good] = [1, 2, 3].map(|seed| ChaosRpc::start(&d.node.url, seed));
    let (silent, liar, good) = (silent.await, liar.await, good.await);
    const SEND: &str = "eth_sendRawTransaction";
    silent.set([Rule::on(SEND, Fault::Hang)]);
    liar.set([Rule::result(SEND, format!("0x{}", "77".repeat(32)))]);
    let all = connected(profile(&[silent.url(), liar.url(), good.url()])).await;
    // the silent one is not waited for, and has the bytes all the same
    assert_eq!(all.send(&anchor.raw).await, Ok(Sent::Accepted));
    while silent.counts().called(SEND) == 0 || liar.counts().called(SEND) == 0 {
        tokio::task::yield_now().await;
    }
    liar.set([Rule::result(SEND, format!("0x{}", "77".repeat(32)))]);
    let bad = connected(profile(&[liar.url()])).await;
    assert!(matches!(bad.send(&anchor.raw).await, Err(SendError::Unknown(_))));
}

#[tokio::test]
async fn an_estimate_that_fails_without_reason_is_bounded_by_the_cap() {
    let Some(d) = Deployed::start().await else { return };
    let url = d.node.url.clone();
    let node = ScriptedNode::start(move |method| match method {
        "eth_estimateGas" => Reply::Error("gas required exceeds allowance"),
        _ => Reply::Forward(url.clone()),
    })
    .await;
    let chain = EvmChain::connect(profile(&[&node.url])).await.unwrap();
    let signer = chain::TransactionSigner::address(&d.signer);
    let ready = chain.preflight(signer, &d.anchor()).await.unwrap();
    assert_eq!(ready, chain::Preflight::Ready { gas_limit: 5_000_000 });
    let stranger = chain::TransactionSigner::address(&d.stranger);
    let blocked = chain.preflight(stranger, &d.anchor()).await.unwrap();
    assert_eq!(blocked, chain::Preflight::Blocked(domain::BlockedReason::Role));
}

#[tokio::test]
async fn the_node_with_the_highest_head_is_preferred() {
    let (Some(stuck), Some(good)) = (DevelopmentNode::start(), DevelopmentNode::start()) else {
        return;
    };
    stuck.mine(1).await;
    good.mine(3).await;
    let nodes = [stuck.url.as_str(), good.url.as_str()];
    let chain = EvmChain::connect(profile(&nodes)).await.unwrap();
    assert_eq!(chain.header(3).await.unwrap(), None, "the first node answers, and is behind");
    let head = chain.head().await.unwrap();
    assert_eq!(head.block.number, 3);
    assert_eq!(chain.header(3).await.unwrap(), Some(head));
    stuck.mine(5).await;
    assert_eq!(chain.head().await.unwrap().block.number, 6);
}

#[tokio::test]
async fn what_one_node_does_not_know_another_is_asked() {
    let Some(d) = Deployed::start().await else { return };
    let Some(behind) = DevelopmentNode::start() else { return };
    d.chain.send(&d.sign(d.anchor(), 0, 10).await.raw).await.unwrap();
    d.node.mine(1).await;
    let at = chain::At::Block(d.chain.head().await.unwrap().block.hash);
    let registry = d.registry.address;
    let connect = async |urls: &[&str]| {
        EvmChain::connect(profile(urls)).await.expect("both are of this chain")
    };
    // by hash it lacks the block, at its head it lacks the contract
    for at in [at, chain::At::Head] {
        let both = connect(&[&behind.url, &d.node.url]).await;
        let anchored = both.anchored(registry, COMMITMENT, at).await;
        assert!(matches!(anchored, Ok(Some(_))), "{at:?}: {anchored:?}");
    }
    let both = connect(&[&behind.url, &behind.url]).await;
    let nowhere = both.anchored(registry, COMMITMENT, chain::At::Head).await;
    assert!(matches!(nowhere, Err(ChainError::Contract(_))), "all say so: {nowhere:?}");
}

#[tokio::test]
async fn an_absurd_tip_blocks_nobody() {
    let Some(d) = Deployed::start().await else { return };
    let url = d.node.url.clone();
    let node = ScriptedNode::start(move |method| match method {
        "eth_maxPriorityFeePerGas" => Reply::Result(json!(format!("{:#x}", u128::MAX))),
        _ => Reply::Forward(url.clone()),
    })
    .await;
    let chain = EvmChain::connect(profile(&[&node.url])).await.unwrap();
    let signer = chain::TransactionSigner::address(&d.signer);
    let ready = chain.preflight(signer, &d.anchor()).await.unwrap();
    assert!(matches!(ready, chain::Preflight::Ready { .. }), "{ready:?}");
}
