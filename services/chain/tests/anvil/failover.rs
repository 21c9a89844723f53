//! Nodes that fail, lie, or keep silent.

use std::time::Duration;

use chain::{Chain as _, ChainError, ChainProfile, EvmChain, SendError, Sent};
use serde_json::json;

use crate::development_node::{CHAIN_ID, COMMITMENT, Deployed, DevelopmentNode, profile};
use crate::scripted_node::{Reply, ScriptedNode};

fn chain_id() -> Reply {
    Reply::Result(json!(format!("{CHAIN_ID:#x}")))
}

#[tokio::test]
async fn reads_go_on_at_the_next_node() {
    let Some(good) = DevelopmentNode::start() else { return };
    good.mine(3).await;
    let http = |status, body: &str| Reply::Http(status, body.to_owned());
    let replies = [
        ("429", http(429, r#"{"error":"slow down"}"#)),
        ("500", http(500, "")),
        ("redirect", http(302, "")),
        ("HTML", http(200, "<html>maintenance</html>")),
        ("half", http(200, r#"{"jsonrpc":"2.0","id":1,"resul"#)),
        ("nothing", http(200, "")),
        ("no result", http(200, r#"{"jsonrpc":"2.0","id":2}"#)),
        ("null", Reply::Result(json!(null))),
        ("odd result", Reply::Result(json!({ "number": "0x1" }))),
        ("error", Reply::Error("header not found")),
        ("too long", Reply::Result(json!("a".repeat(5 << 20)))),
        ("another's answer", http(200, r#"{"jsonrpc":"2.0","id":77,"result":null}"#)),
        ("silence", Reply::Silence),
    ];
    for (what, reply) in replies {
        let bad = ScriptedNode::start(move |method| match method {
            "eth_chainId" => chain_id(),
            _ => reply.clone(),
        })
        .await;
        let timeout = Duration::from_millis(500);
        let nodes = ChainProfile { timeout, ..profile(&[&bad.url, &good.url]) };
        let chain = EvmChain::connect(nodes).await.unwrap();
        let head = chain.head().await;
        assert_eq!(head.as_ref().map(|head| head.block.number).ok(), Some(3), "{what}: {head:?}");
        assert!(bad.methods().contains(&"eth_getBlockByNumber".to_owned()), "{what}");

        let alone = ChainProfile { timeout, ..profile(&[&bad.url]) };
        let head = EvmChain::connect(alone).await.unwrap().head().await;
        assert!(matches!(head, Err(ChainError::Retry(_))), "{what}: {head:?}");
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
    let silent = ScriptedNode::start(|method| match method {
        "eth_chainId" => chain_id(),
        _ => Reply::Silence,
    })
    .await;
    let liar = ScriptedNode::start(|method| match method {
        "eth_chainId" => chain_id(),
        _ => Reply::Result(json!(format!("0x{}", "77".repeat(32)))),
    })
    .await;
    let timeout = Duration::from_millis(500);
    let connect = async |urls: &[&str]| {
        EvmChain::connect(ChainProfile { timeout, ..profile(urls) }).await.unwrap()
    };
    let bad = connect(&[&silent.url, &liar.url]).await;
    assert!(matches!(bad.send(&anchor.raw).await, Err(SendError::Unknown(_))));
    let all = connect(&[&silent.url, &liar.url, &d.node.url]).await;
    assert_eq!(all.send(&anchor.raw).await, Ok(Sent::Accepted));
    let sent = "eth_sendRawTransaction".to_owned();
    assert!(silent.methods().contains(&sent) && liar.methods().contains(&sent));
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
    stuck.mine(9).await;
    assert_eq!(chain.head().await.unwrap().block.number, 10);
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
