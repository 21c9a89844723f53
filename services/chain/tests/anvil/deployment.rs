//! Collections are deployed as they were committed, or not at all.

use alloy::primitives::Address as EvmAddress;
use chain::{
    At, Chain as _, CollectionKind, CollectionSetup, ContractRefusal, OwnerCall, OwnerError,
    collection_code_hash,
};
use proof::Address;
use serde_json::json;

use crate::collection::Minting;
use crate::development_node::Deployed;

#[tokio::test]
async fn the_code_of_a_collection_is_known_beforehand() {
    let Some(d) = Deployed::start().await else { return };
    d.node.rpc("evm_setAutomine", json!([true])).await;
    for kind in [CollectionKind::OwnersAsCode, CollectionKind::OwnersInStorage] {
        for locks_announced in [true, false] {
            let setup = CollectionSetup { locks_announced, ..d.setup() };
            let deployed = d.chain.deploy_collection(&d.owner, kind, &setup).await.unwrap();
            let expected = collection_code_hash(kind, d.registry.address, locks_announced);
            assert_eq!(deployed.code_hash, expected, "{kind:?}");
            let there = d.chain.code_hash(deployed.address).await.unwrap();
            assert_eq!(there, Some(expected), "{kind:?}");
            let mined = d.chain.inclusion_hint(deployed.transaction).await.unwrap().unwrap();
            assert_eq!(mined.block, deployed.block);
            assert_eq!(d.chain.batch_count(deployed.address).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn what_the_constructor_refuses_is_told_and_nothing_is_sent() {
    let Some(d) = Deployed::start().await else { return };
    let kind = CollectionKind::OwnersAsCode;
    let deploy = async |kind, setup: CollectionSetup| match d
        .chain
        .deploy_collection(&d.owner, kind, &setup)
        .await
    {
        Err(OwnerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let nonce = d.chain.nonce(d.owner.address(), At::Head).await.unwrap();

    let nowhere = Address([5; 20]);
    let refused = deploy(kind, CollectionSetup { registry: nowhere, ..d.setup() }).await;
    assert_eq!(refused, ContractRefusal::NoRegistry(nowhere));
    let refused = deploy(kind, CollectionSetup { owner: Address::default(), ..d.setup() }).await;
    assert_eq!(refused, ContractRefusal::ZeroAddress);
    let refused = deploy(kind, CollectionSetup { name: "\"".to_owned(), ..d.setup() }).await;
    assert_eq!(refused, ContractRefusal::UnprintableName);

    // code cannot be created where there is some already: so it looks on chains without such code
    let collection = EvmAddress::from(d.owner.address().0).create(nonce);
    let record = Address(collection.create(1).into_array());
    d.node.rpc("anvil_setCode", json!([record, "0x00"])).await;
    let refused = deploy(kind, d.setup()).await;
    assert_eq!(refused, ContractRefusal::CodeCannotCarryData);
    assert_eq!(d.chain.nonce(d.owner.address(), At::Head).await.unwrap(), nonce);

    d.node.rpc("evm_setAutomine", json!([true])).await;
    let kind = CollectionKind::OwnersInStorage;
    let deployed = d.chain.deploy_collection(&d.owner, kind, &d.setup()).await.unwrap();
    assert_eq!(deployed.address.0, collection.into_array());
}

#[tokio::test]
async fn the_owner_gives_roles_and_moves_the_metadata() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    let collection = m.collection.address;
    let uri = || OwnerCall::SetBaseUri("https://badges.example/tokens/".to_owned());
    m.d.as_owner_of(collection, uri()).await;
    m.d.as_owner_of(collection, OwnerCall::FreezeBaseUri).await;
    let frozen = m.d.chain.call_as_owner(&m.d.owner, collection, uri()).await;
    assert!(
        matches!(frozen, Err(OwnerError::Refused(ContractRefusal::BaseUriFrozen))),
        "{frozen:?}"
    );
    let read = json!([{ "to": collection, "data": "0xe8a3d485" }, "latest"]); // contractURI()
    let answer = m.d.node.rpc("eth_call", read).await;
    let expected = hex::encode("https://badges.example/tokens/contract");
    assert!(answer.as_str().unwrap().contains(&expected), "{answer}");
}
