//! Keys in the URLs of nodes are shown nowhere.

use chain::{At, Chain as _, ChainError, EvmChain};
use chaos_rpc::{ChaosRpc, Fault, Rule};

use crate::captured_log::CapturedLog;
use crate::development_node::{COMMITMENT, Deployed, profile};

const SECRETS: [&str; 4] = ["passw0rd", "0123456789abcdef", "t0ken", "dXNlcjpwYXNzdzByZA"];

#[tokio::test]
async fn keys_are_in_no_log_and_no_error() {
    let log = CapturedLog::start();
    let Some(d) = Deployed::start().await else { return };
    let proxy = ChaosRpc::start(&d.node.url, 1).await;
    let secret = |url: &str| {
        let rest = url.strip_prefix("http://").unwrap();
        format!("http://user:passw0rd@{rest}/v3/0123456789abcdef?token=t0ken")
    };
    let url = secret(proxy.url());
    let nodes = profile(&[&url, &secret(&d.node.url), &secret("http://127.0.0.1:1")]);
    let chain = EvmChain::connect(nodes.clone()).await.unwrap();
    let mut told = format!("{chain:?} {nodes:?}");
    let echo = format!("no such project: {url}, 0123456789abcdef, t0ken, user:passw0rd");
    let anchor = d.sign(d.anchor(), 0, 10).await;
    for fault in [
        Fault::Error { code: -32000, message: echo },
        Fault::Status { status: 401 },
        Fault::Status { status: 302 },
        Fault::Html,
        Fault::Drop,
        Fault::WrongId,
        Fault::Huge { bytes: 5 << 20 },
    ] {
        proxy.set([Rule::always(fault)]);
        let alone = EvmChain::connect(profile(&[&url])).await;
        let head = chain.head().await.map(|_| ());
        let finalized = chain.finalized().await.map(|_| ());
        let sent = chain.send(&anchor.raw).await;
        let read = chain.anchored(d.registry.address, COMMITMENT, At::Head).await;
        told += &format!("{alone:?} {head:?} {finalized:?} {sent:?} {read:?}");
        if let Err(error) = alone {
            told += &error.to_string();
        }
    }
    proxy.set([Rule::result("eth_chainId", "0x1")]);
    let wrong = EvmChain::connect(profile(&[&url])).await;
    assert!(matches!(wrong, Err(ChainError::WrongChain { .. })));
    told += &format!("{wrong:?}");
    assert!(proxy.counts().total() > 6);

    let log = log.end();
    assert!(log.contains("node put aside"), "{log}");
    assert!(told.contains("no such project: http://"), "{told}");
    for secret in SECRETS {
        for (what, text) in [("log", &log), ("error", &told)] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} in {what}");
        }
    }
}
