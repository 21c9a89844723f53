//! What others did is announced, and read strictly.

use alloy::primitives::U256;
use alloy::sol_types::SolCall as _;
use chain::{
    At, Chain as _, ChainError, ChainEvent, CollectionKind, ContractCall, EvmChain, TokenFact,
};
use chaos_rpc::{ChaosRpc, Rule};
use domain::{ContractEvent, RevocationReason};
use proof::Address;
use serde_json::{Value, json};

use crate::collection::{ALICE, BOB, Minting, ROOT, batch, token};
use crate::development_node::{CHAIN_ID, profile};

alloy::sol! {
    function burn(uint256 tokenId);
    function reinstate(bytes32 commitment, uint64[] indexes);
    function revokeBatch(bytes32 commitment, uint8 reason);
    function reinstateBatch(bytes32 commitment);
}

#[tokio::test]
async fn burns_and_revocations_of_others_are_announced() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    let (registry, collection) = (m.d.registry.address, m.collection.address);
    let commitment = batch(2);
    let id = |index| U256::from_be_bytes(token(2, index).0);
    assert!(m.mine(m.mint(ROOT, &[ALICE, BOB]), 1_000_000).await.is_some());
    let minted = m.d.chain.head().await.unwrap().block.number;

    m.d.act_as(ALICE, collection, burnCall { tokenId: id(0) }.abi_encode()).await;
    let reason = RevocationReason::PrivilegeWithdrawn;
    let revoke = ContractCall::Revoke { registry, commitment, indexes: vec![0, 1], reason };
    assert!(m.mine(revoke, 200_000).await.is_some());
    let revoked = TokenFact { owner: Some(BOB), valid: false };
    assert_eq!(m.d.chain.token(collection, token(2, 1), At::Head).await.unwrap(), revoked);
    let owner = m.d.owner.address();
    let name = commitment.0.into();
    for input in [
        reinstateCall { commitment: name, indexes: vec![1] }.abi_encode(),
        revokeBatchCall { commitment: name, reason: 200 }.abi_encode(),
        reinstateBatchCall { commitment: name }.abi_encode(),
    ] {
        m.d.act_as(owner, registry, input).await;
    }
    let expected = [
        (collection, ContractEvent::Burned { id: token(2, 0) }),
        (registry, ContractEvent::Revoked { commitment, indexes: vec![0, 1], reason }),
        (registry, ContractEvent::Reinstated { commitment, indexes: vec![1] }),
        (
            registry,
            ContractEvent::BatchRevoked { commitment, reason: RevocationReason::Unspecified },
        ),
        (registry, ContractEvent::BatchReinstated { commitment }),
    ];
    let head = m.d.chain.head().await.unwrap().block.number;
    let contracts = [registry, collection];
    let told = m.d.chain.events(&contracts, 0, head).await.unwrap();
    let told_shortly: Vec<_> =
        told.iter().map(|told| (told.contract, told.event.clone())).collect();
    assert_eq!(told_shortly, expected, "and neither mints nor anchors");
    for (one, number) in told.iter().zip(minted + 1..) {
        let header = m.d.chain.header(number).await.unwrap().unwrap();
        assert_eq!(one.block, header.block);
    }
    let burned = m.d.chain.token(collection, token(2, 0), At::Head).await.unwrap();
    assert_eq!(burned, TokenFact { owner: None, valid: false });

    let burns = m.d.chain.events(&[collection], minted + 1, minted + 1).await.unwrap();
    assert_eq!(burns, told[..1]);
    assert_eq!(m.d.chain.events(&[registry], 0, minted + 1).await.unwrap(), []);
    assert_eq!(m.d.chain.events(&[], 0, head).await.unwrap(), []);
    assert_eq!(m.d.chain.announced(registry, minted, head).await.unwrap(), [commitment]);
    assert_eq!(m.d.chain.announced(registry, minted + 1, head).await.unwrap(), []);
    let beyond = m.d.chain.announced(registry, 0, head + 1).await;
    assert!(matches!(beyond, Err(ChainError::Retry(_))), "{beyond:?}");
    let beyond = m.d.chain.events(&contracts, 0, head + 1).await;
    assert!(matches!(beyond, Err(ChainError::Retry(_))), "{beyond:?}");
}

const COLLECTION: Address = Address([0xc1; 20]);

/// A burn of token 77 in block 5, as a node writes it.
fn burn() -> Value {
    json!({
        "address": COLLECTION,
        "topics": [
            "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
            format!("0x{:064x}", 1),
            format!("0x{:064x}", 0),
            format!("0x{:064x}", 77),
        ],
        "data": "0x",
        "blockNumber": "0x5",
        "blockHash": format!("0x{}", "05".repeat(32)),
        "logIndex": "0x0",
        "removed": false,
    })
}

const LOGS: &str = "eth_getLogs";
const TOO_MANY: &str = "query returned more than 10000 results";

fn header(number: &str, byte: &str) -> Value {
    json!({ "number": number, "hash": format!("0x{}", byte.repeat(32)), "timestamp": "0x1" })
}

/// What becomes of it on a chain of 5,000 blocks, of a node that answers so when it is asked for
/// burns; and how often it was asked for logs.
async fn told(burns: impl IntoIterator<Item = Rule>) -> (Result<Vec<ChainEvent>, ChainError>, u64) {
    let node = ChaosRpc::start("http://127.0.0.1:1", 1).await;
    let rules = [
        Rule::result("eth_chainId", format!("{CHAIN_ID:#x}")),
        Rule::result("eth_getBlockByNumber", header("0x1388", "07")).with("latest"),
        Rule::result("eth_getBlockByNumber", header("0x5", "05")).with("0x5"),
        Rule::result(LOGS, json!([])).times(1), // revocations
    ];
    node.set(rules.into_iter().chain(burns));
    let chain = EvmChain::connect(profile(&[node.url()])).await.expect("it says so");
    let told = chain.events(&[COLLECTION], 0, 9).await;
    (told, node.counts().called(LOGS))
}

#[tokio::test]
async fn only_what_was_asked_for_is_believed() {
    let (honest, _) = told([Rule::result(LOGS, json!([burn()]))]).await;
    assert_eq!(honest.unwrap().len(), 1);
    for (member, value) in [
        ("address", json!(Address([0xc2; 20]))),
        ("blockNumber", json!("0xa")),
        ("data", json!("0x00")),
        ("topics", json!([burn()["topics"][0], burn()["topics"][1], burn()["topics"][1]])),
        ("blockHash", Value::Null),
        // not of the block that the node itself says is there
        ("blockHash", json!(format!("0x{}", "06".repeat(32)))),
    ] {
        let mut log = burn();
        log[member] = value;
        let (told, _) = told([Rule::result(LOGS, json!([log]))]).await;
        assert!(matches!(told, Err(ChainError::Retry(_))), "{member}: {told:?}");
    }
    let mut removed = burn();
    removed["removed"] = json!(true);
    let (told, _) = told([Rule::result(LOGS, json!([removed]))]).await;
    assert_eq!(told.unwrap(), [], "a reorganised log is none");
}

#[tokio::test]
async fn a_range_that_a_node_refuses_is_asked_for_in_parts() {
    let (refused, asked) = told([Rule::error(LOGS, TOO_MANY)]).await;
    assert!(matches!(refused, Err(ChainError::Retry(_))), "{refused:?}");
    assert_eq!(asked, 1 + 4, "10, 5, 2 and 1 blocks; then there is no point");
    let (told, asked) = told([
        Rule::error(LOGS, TOO_MANY).times(1),
        Rule::result(LOGS, json!([])).times(1),
        Rule::result(LOGS, json!([burn()])),
    ])
    .await;
    assert_eq!(told.unwrap().len(), 1, "of the second half");
    assert_eq!(asked, 1 + 3);
}
