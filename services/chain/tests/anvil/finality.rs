//! What is called final.

use chain::{Chain as _, EvmChain, Finality};

use crate::development_node::DevelopmentNode;

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
            EvmChain::connect(chain::ChainProfile { finality, min_depth, ..node.profile() });
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
    let profile = crate::development_node::profile(&[&one.url, &two.url]);
    let chain = EvmChain::connect(profile).await.unwrap();
    let finalized = chain.finalized().await;
    assert!(matches!(finalized, Err(chain::ChainError::Retry(_))), "{finalized:?}");
}

#[tokio::test]
async fn a_node_that_is_behind_halts_nothing() {
    let (Some(ahead), Some(behind)) = (DevelopmentNode::start(), DevelopmentNode::start()) else {
        return;
    };
    ahead.mine(5).await;
    let alone = EvmChain::connect(ahead.profile()).await.unwrap().finalized().await.unwrap();
    assert_eq!(alone.block.number, 3);
    // its newest block is the genesis, below the final one
    let profile = crate::development_node::profile(&[&ahead.url, &behind.url]);
    let chain = EvmChain::connect(profile).await.unwrap();
    assert_eq!(chain.finalized().await.unwrap(), alone);
    assert!(chain.fee_quote().await.unwrap().base_fee > 0);
}
