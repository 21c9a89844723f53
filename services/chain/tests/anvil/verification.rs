//! What a verifier reads, from nodes that serve no more than they must.

use std::time::Duration;

use chain::{Chain as _, ChainError, EvmReader, TransactionSigner as _};
use proof::{Address, Hash};
use serde_json::json;

use crate::development_node::{CHAIN_ID, COMMITMENT, Deployed};
use crate::scripted_node::{Reply, ScriptedNode};

fn reader(url: &str) -> EvmReader {
    let url = url.parse().expect("a URL");
    EvmReader::new(&[url], Duration::from_secs(10)).expect("one URL is enough")
}

#[tokio::test]
async fn three_methods_suffice() {
    let Some(d) = Deployed::start().await else { return };
    for (nonce, call) in [(0, d.anchor()), (1, d.revoke(&[7]))] {
        d.chain.send(&d.sign(call, nonce, 10).await.raw).await.unwrap();
    }
    d.node.mine(1).await;
    let mined = d.chain.head().await.unwrap();
    d.node.mine(2).await;

    let url = d.node.url.clone();
    let node = ScriptedNode::start(move |method| match method {
        "eth_chainId" | "eth_getBlockByNumber" | "eth_call" => Reply::Forward(url.clone()),
        _ => Reply::Error("the method does not exist"),
    })
    .await;
    let reader = reader(&node.url);
    let registry = d.registry.address;
    let reading = reader.read_anchor(registry, COMMITMENT, 7).await.unwrap();
    assert_eq!(reading.chain_id, CHAIN_ID);
    assert_eq!(reading.head, d.chain.head().await.unwrap());
    assert_eq!(reading.finalized, mined);
    let fact = reading.anchored.unwrap();
    assert_eq!((fact.operator, fact.time), (d.signer.address(), mined.time));
    assert!(reading.revoked);
    assert!(!reader.read_anchor(registry, COMMITMENT, 8).await.unwrap().revoked);

    let unknown = reader.read_anchor(registry, Hash([1; 32]), 7).await.unwrap();
    assert_eq!((unknown.anchored, unknown.revoked), (None, false));
}

#[tokio::test]
async fn no_registry_is_told_apart_from_no_answer() {
    let Some(d) = Deployed::start().await else { return };
    let reader = reader(&d.node.url);
    let nowhere = reader.read_anchor(Address([5; 20]), COMMITMENT, 0).await;
    assert!(matches!(nowhere, Err(ChainError::Contract(_))), "{nowhere:?}");

    for code in ["0x", "0x60015f5260205ff3", "0x5f5ffd"] {
        d.node.rpc("anvil_setCode", json!([d.registry.address, code])).await;
        let gone = reader.read_anchor(d.registry.address, COMMITMENT, 0).await;
        assert!(matches!(gone, Err(ChainError::Contract(_))), "{code}: {gone:?}");
    }
    let nobody = EvmReader::new(&["http://127.0.0.1:1".parse().unwrap()], Duration::from_secs(1));
    let nobody = nobody.unwrap().read_anchor(d.registry.address, COMMITMENT, 0).await;
    assert!(matches!(nobody, Err(ChainError::Retry(_))), "{nobody:?}");
}
