//! From signed bytes to what can be read at a block, and back by a reorg.

use chain::{At, Chain as _, ChainError, SendError, Sent, TransactionSigner as _};
use serde_json::json;

use crate::development_node::{COMMITMENT, Deployed};

#[tokio::test]
async fn an_anchor_is_sent_mined_and_read_at_its_block() {
    let Some(d) = Deployed::start().await else { return };
    let (chain, registry, signer) = (&d.chain, d.registry.address, d.signer.address());
    let before = chain.head().await.unwrap();
    let anchor = d.sign(d.anchor(), 0, 10).await;
    assert_eq!(chain.send(&anchor.raw).await, Ok(Sent::Accepted));
    assert_eq!(chain.send(&anchor.raw).await, Ok(Sent::AlreadyKnown));
    assert_eq!(chain.inclusion_hint(anchor.hash).await.unwrap(), None);
    d.node.mine(1).await;
    assert_eq!(chain.send(&anchor.raw).await, Ok(Sent::NonceTooLow));

    let block = chain.head().await.unwrap();
    let (old, new) = (At::Block(before.block.hash), At::Block(block.block.hash));
    assert_eq!(chain.anchored(registry, COMMITMENT, old).await.unwrap(), None);
    assert_eq!(chain.nonce(signer, old).await.unwrap(), 0);
    assert_eq!(chain.nonce(signer, new).await.unwrap(), 1);
    let fact = chain.anchored(registry, COMMITMENT, new).await.unwrap().unwrap();
    assert_eq!((fact.operator, fact.time), (signer, block.time));
    assert_eq!(fact.block_number, block.block.number);
    assert_eq!(chain.anchored(registry, COMMITMENT, At::Head).await.unwrap(), Some(fact));
    let hint = chain.inclusion_hint(anchor.hash).await.unwrap().unwrap();
    assert!(hint.succeeded && hint.block == block.block);
    assert_eq!(chain.header(block.block.number).await.unwrap(), Some(block));
    assert_eq!(chain.header(block.block.number + 1).await.unwrap(), None);

    // the same commitment again changes nothing
    let replay = d.sign(d.anchor(), 1, 10).await;
    chain.send(&replay.raw).await.unwrap();
    d.node.mine(1).await;
    assert!(chain.inclusion_hint(replay.hash).await.unwrap().unwrap().succeeded);
    assert_eq!(chain.anchored(registry, COMMITMENT, At::Head).await.unwrap(), Some(fact));
}

#[tokio::test]
async fn badges_are_revoked_by_index() {
    let Some(d) = Deployed::start().await else { return };
    let indexes: Vec<u32> = (0..60).map(|at| at * 7).collect();
    for (nonce, call) in [(0, d.anchor()), (1, d.revoke(&indexes[1..3]))] {
        let signed = d.sign(call, nonce, 10).await;
        assert_eq!(d.chain.send(&signed.raw).await, Ok(Sent::Accepted));
    }
    d.node.mine(1).await;
    let head = At::Block(d.chain.head().await.unwrap().block.hash);
    let registry = d.registry.address;
    let revoked = d.chain.revoked(registry, COMMITMENT, &indexes, head).await.unwrap();
    let expected: Vec<bool> = (0..60).map(|at| at == 1 || at == 2).collect();
    assert_eq!(revoked, expected, "in input order");
    assert!(d.chain.revoked(registry, COMMITMENT, &[], At::Head).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_gap_waits_and_a_replacement_must_pay() {
    let Some(d) = Deployed::start().await else { return };
    let send = async |nonce, gwei| d.chain.send(&d.sign(d.anchor(), nonce, gwei).await.raw).await;
    assert_eq!(send(1, 10).await, Ok(Sent::Accepted));
    d.node.mine(1).await;
    assert_eq!(d.chain.nonce(d.signer.address(), At::Head).await.unwrap(), 0);
    assert_eq!(send(0, 10).await, Ok(Sent::Accepted));
    let cheaper = send(0, 9).await;
    assert!(matches!(cheaper, Err(SendError::Underpriced(_))), "{cheaper:?}");
    assert_eq!(send(0, 20).await, Ok(Sent::Accepted));
    d.node.mine(1).await;
    assert_eq!(d.chain.nonce(d.signer.address(), At::Head).await.unwrap(), 2);

    let rubbish = d.chain.send(&[1, 2, 3]).await;
    assert!(matches!(rubbish, Err(SendError::Rejected(_))), "{rubbish:?}");
    d.node.rpc("anvil_setBalance", json!([d.signer.address(), "0x1"])).await;
    let poor = send(2, 10).await;
    assert!(matches!(poor, Err(SendError::Funds(_))), "{poor:?}");
}

#[tokio::test]
async fn a_base_fee_above_the_offer_is_underpriced() {
    let Some(d) = Deployed::start().await else { return };
    d.node.rpc("anvil_setNextBlockBaseFeePerGas", json!(["0x174876e800"])).await; // 100 gwei
    d.node.mine(1).await;
    assert_eq!(d.chain.fee_quote().await.unwrap().base_fee, 100_000_000_000);
    let cheap = d.chain.send(&d.sign(d.anchor(), 0, 10).await.raw).await;
    assert!(matches!(cheap, Err(SendError::Underpriced(_))), "{cheap:?}");
}

#[tokio::test]
async fn a_reorg_takes_the_state_of_its_blocks_away() {
    let Some(d) = Deployed::start().await else { return };
    let anchor = d.sign(d.anchor(), 0, 10).await;
    d.chain.send(&anchor.raw).await.unwrap();
    d.node.mine(1).await;
    let gone = d.chain.head().await.unwrap().block;
    d.node.mine(1).await;
    d.node.rpc("anvil_reorg", json!([2, []])).await;

    let (registry, signer) = (d.registry.address, d.signer.address());
    let state = d.chain.anchored(registry, COMMITMENT, At::Block(gone.hash)).await;
    assert!(matches!(state, Err(ChainError::Retry(_))), "{state:?}");
    let nonce = d.chain.nonce(signer, At::Block(gone.hash)).await;
    assert!(matches!(nonce, Err(ChainError::Retry(_))), "{nonce:?}");
    assert_ne!(d.chain.header(gone.number).await.unwrap().unwrap().block, gone);
    assert_eq!(d.chain.anchored(registry, COMMITMENT, At::Head).await.unwrap(), None);
    assert_eq!(d.chain.nonce(signer, At::Head).await.unwrap(), 0);
    assert_eq!(d.chain.inclusion_hint(anchor.hash).await.unwrap(), None);

    // the same stored bytes are sent again and mined elsewhere
    assert_eq!(d.chain.send(&anchor.raw).await, Ok(Sent::Accepted));
    d.node.mine(1).await;
    assert!(d.chain.anchored(registry, COMMITMENT, At::Head).await.unwrap().is_some());
}
