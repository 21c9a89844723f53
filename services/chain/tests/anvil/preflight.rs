//! What is found out before a nonce is taken.

use chain::{
    Chain as _, ChainError, ContractCall, ContractRefusal, EvmChain, OwnerCall, OwnerError,
    Preflight, TransactionSigner as _, registry_code_hash,
};
use domain::{BlockedReason, MAX_REVOKED_INDEXES};
use proof::{Address, Hash};
use serde_json::json;

use crate::development_node::{Deployed, DevelopmentNode, profile_of};

#[tokio::test]
async fn another_chain_is_refused() {
    let Some(node) = DevelopmentNode::start() else { return };
    let mut profile = profile_of(&node);
    profile.chain_id = 1;
    let refused = EvmChain::connect(profile).await;
    assert!(
        matches!(refused, Err(ChainError::WrongChain { expected: 1, found: 31_337 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_deployed_code_is_the_committed_one() {
    let Some(d) = Deployed::start().await else { return };
    assert_eq!(d.registry.code_hash, registry_code_hash());
    let there = d.chain.code_hash(d.registry.address).await.unwrap();
    assert_eq!(there, Some(registry_code_hash()));
    assert_eq!(d.chain.code_hash(d.signer.address()).await.unwrap(), None);
    let mined = d.chain.inclusion_hint(d.registry.transaction).await.unwrap().unwrap();
    assert_eq!(mined.block, d.registry.block);
}

#[tokio::test]
async fn readiness_and_every_reason_against() {
    let Some(d) = Deployed::start().await else { return };
    let signer = d.signer.address();
    let preflight = async |from, call: &ContractCall| d.chain.preflight(from, call).await.unwrap();
    let blocked = Preflight::Blocked;

    let Preflight::Ready { gas_limit } = preflight(signer, &d.anchor()).await else {
        panic!("the operator may anchor")
    };
    assert!((50_000..70_000).contains(&gas_limit), "{gas_limit}");
    assert_eq!(preflight(d.stranger.address(), &d.anchor()).await, blocked(BlockedReason::Role));
    let registry = d.registry.address;
    let zero = ContractCall::Anchor { registry, commitment: Hash::ZERO };
    assert_eq!(preflight(signer, &zero).await, blocked(BlockedReason::Reverts));
    assert_eq!(preflight(signer, &d.revoke(&[1])).await, blocked(BlockedReason::Reverts));

    d.as_owner(OwnerCall::Pause).await;
    assert_eq!(preflight(signer, &d.anchor()).await, blocked(BlockedReason::Paused));
    d.as_owner(OwnerCall::Unpause).await;
    assert!(matches!(preflight(signer, &d.anchor()).await, Preflight::Ready { .. }));

    d.as_owner(OwnerCall::RemoveOperator(signer)).await;
    assert_eq!(preflight(signer, &d.anchor()).await, blocked(BlockedReason::Role));
    d.as_owner(OwnerCall::AddOperator(signer)).await;

    d.node.rpc("anvil_setBalance", json!([signer, "0x1"])).await;
    assert_eq!(preflight(signer, &d.anchor()).await, blocked(BlockedReason::Funds));

    let nowhere = ContractCall::Anchor { registry: Address([5; 20]), commitment: Hash([1; 32]) };
    let missing = d.chain.preflight(signer, &nowhere).await;
    assert!(matches!(missing, Err(ChainError::Contract(_))), "{missing:?}");
}

#[tokio::test]
async fn revoker_and_operator_are_different_roles() {
    let Some(d) = Deployed::start().await else { return };
    let anchor = d.sign(d.anchor(), 0, 10).await;
    d.chain.send(&anchor.raw).await.unwrap();
    d.node.mine(1).await;
    let revoke = d.revoke(&[0, 300]);
    let preflight = async || d.chain.preflight(d.signer.address(), &revoke).await.unwrap();
    assert!(matches!(preflight().await, Preflight::Ready { .. }));
    d.as_owner(OwnerCall::RemoveRevoker(d.signer.address())).await;
    assert_eq!(preflight().await, Preflight::Blocked(BlockedReason::Role));
    d.as_owner(OwnerCall::AddRevoker(d.signer.address())).await;
    assert!(matches!(preflight().await, Preflight::Ready { .. }));
}

#[tokio::test]
async fn the_dearest_revocation_stays_below_the_default_cap() {
    let Some(d) = Deployed::start().await else { return };
    let anchor = d.sign(d.anchor(), 0, 10).await;
    d.chain.send(&anchor.raw).await.unwrap();
    d.node.mine(1).await;
    let profile = chain::ChainProfile { gas_cap: 2_000_000, ..profile_of(&d.node) };
    let chain = EvmChain::connect(profile).await.unwrap();
    // no two in one slot of the registry, and as many bytes of input as an index can have
    let far_apart = |count: u32| {
        let indexes: Vec<u32> = (1..=count).map(|one| one * 0x0101_0101 / 2).collect();
        d.revoke(&indexes)
    };
    let most = chain.preflight(d.signer.address(), &far_apart(MAX_REVOKED_INDEXES)).await.unwrap();
    let Preflight::Ready { gas_limit } = most else { panic!("{most:?}") };
    assert!(gas_limit < 2_000_000, "the margin is whole: {gas_limit}");
    let more = chain.preflight(d.signer.address(), &far_apart(100)).await.unwrap();
    assert!(
        matches!(more, Preflight::TooMuchGas { estimate: Some(2_000_001..) }),
        "a job above the cap could never be sent: {more:?}"
    );
}

#[tokio::test]
async fn only_the_owner_is_obeyed() {
    let Some(d) = Deployed::start().await else { return };
    let other = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
    let other = chain::OwnerKey::from_dev_key(other).unwrap();
    let caller = other.address();
    for (call, refusal) in [
        (OwnerCall::Pause, ContractRefusal::NotGuardian(caller)),
        (OwnerCall::Unpause, ContractRefusal::NotOwner(caller)),
        (OwnerCall::AddOperator(caller), ContractRefusal::NotOwner(caller)),
        (OwnerCall::AddMinter(caller), ContractRefusal::Unexplained), // a registry has none
    ] {
        // before anything is sent
        match d.chain.call_as_owner(&other, d.registry.address, call).await {
            Err(OwnerError::Refused(told)) => assert_eq!(told, refusal),
            other => panic!("{other:?}"),
        }
    }
}
