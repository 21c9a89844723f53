//! Mints, from what is found out beforehand to what can be read afterwards.

use std::time::Duration;

use chain::{
    At, Chain as _, ChainError, ChainProfile, CollectionKind, ContractCall, EvmChain, EvmReader,
    OwnerCall, Preflight, TokenFact, TransactionSigner as _,
};
use chaos_rpc::{ChaosRpc, Fault, Rule};
use domain::BlockedReason;
use proof::{Address, Hash, owners_hash};
use serde_json::json;

use crate::collection::{ALICE, BOB, Minting, ROOT, batch, owners, token};
use crate::development_node::{CHAIN_ID, profile, profile_of};
use crate::scripted_node::{Reply, ScriptedNode};

const KINDS: [CollectionKind; 2] = [CollectionKind::OwnersAsCode, CollectionKind::OwnersInStorage];

#[tokio::test]
async fn a_batch_is_minted_and_read_at_its_block() {
    for kind in KINDS {
        let Some(m) = Minting::start(kind).await else { return };
        let (chain, collection) = (&m.d.chain, m.collection.address);
        let before = At::Block(chain.head().await.unwrap().block.hash);
        let call = m.mint(ROOT, &[ALICE, BOB]);
        let Preflight::Ready { gas_limit } =
            chain.preflight(m.signer.address(), &call).await.unwrap()
        else {
            panic!("the minter may mint")
        };
        assert!(m.mine(call.clone(), gas_limit).await.is_some());

        let hash = owners_hash(batch(2), &[ALICE, BOB]);
        let after = At::Block(chain.head().await.unwrap().block.hash);
        assert_eq!(chain.minted(collection, batch(2), before).await.unwrap(), None);
        assert_eq!(chain.minted(collection, batch(2), after).await.unwrap(), Some(hash));
        let anchored = chain.anchored(m.d.registry.address, batch(2), after).await.unwrap();
        assert_eq!(anchored.unwrap().operator, collection);
        assert_eq!(chain.batch_count(collection).await.unwrap(), 1);
        let nobody = TokenFact { owner: None, valid: false };
        for (index, at, expected) in [
            (0, after, TokenFact { owner: Some(ALICE), valid: true }),
            (1, after, TokenFact { owner: Some(BOB), valid: true }),
            (1, At::Head, TokenFact { owner: Some(BOB), valid: true }),
            (2, after, nobody),
            (0, before, nobody),
        ] {
            assert_eq!(chain.token(collection, token(2, index), at).await.unwrap(), expected);
        }

        // again: a success, whatever role or pause; to others never
        m.d.as_owner_of(collection, OwnerCall::Pause).await;
        let stranger = m.d.stranger.address();
        let replay = chain.preflight(stranger, &call).await.unwrap();
        assert!(matches!(replay, Preflight::Ready { .. }), "{replay:?}");
        assert!(m.mine(call, gas_limit).await.is_some());
        let others = chain.preflight(m.signer.address(), &m.mint(ROOT, &[ALICE, ALICE])).await;
        assert_eq!(others.unwrap(), Preflight::Blocked(BlockedReason::Reverts));
        assert_eq!(chain.batch_count(collection).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn what_keeps_a_mint_back_is_told() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    let collection = m.collection.address;
    let call = m.mint(ROOT, &[ALICE]);
    let ask = async |from, call: &ContractCall| m.d.chain.preflight(from, call).await.unwrap();
    let minter = m.signer.address();
    assert!(matches!(ask(minter, &call).await, Preflight::Ready { .. }));
    let blocked = Preflight::Blocked;
    assert_eq!(ask(m.d.stranger.address(), &call).await, blocked(BlockedReason::Role));

    m.d.as_owner(OwnerCall::Pause).await;
    assert_eq!(ask(minter, &call).await, blocked(BlockedReason::Paused), "by the registry");
    m.d.as_owner(OwnerCall::Unpause).await;
    m.d.as_owner(OwnerCall::RemoveOperator(collection)).await;
    assert_eq!(ask(minter, &call).await, blocked(BlockedReason::Role), "of the collection");
    m.d.as_owner(OwnerCall::AddOperator(collection)).await;
    m.d.as_owner_of(collection, OwnerCall::Pause).await;
    assert_eq!(ask(minter, &call).await, blocked(BlockedReason::Paused));
    m.d.as_owner_of(collection, OwnerCall::Unpause).await;
    m.d.as_owner_of(collection, OwnerCall::RemoveMinter(minter)).await;
    assert_eq!(ask(minter, &call).await, blocked(BlockedReason::Role));
    m.d.as_owner_of(collection, OwnerCall::AddMinter(minter)).await;
    for owners in [&[BOB, ALICE][..], &[Address::default()], &[]] {
        let refused = m.mint(ROOT, owners);
        assert_eq!(ask(minter, &refused).await, blocked(BlockedReason::Reverts));
    }

    // number of batches: 16 bits of slot 3, above two numbers of 32 bits
    let slot = json!([collection, "0x3", "latest"]);
    let word = m.d.node.rpc("eth_getStorageAt", slot).await;
    let mut word = hex::decode(word.as_str().unwrap().trim_start_matches("0x")).unwrap();
    word[9..11].copy_from_slice(&3_072_u16.to_be_bytes());
    let full = json!([collection, format!("0x{:064x}", 3), format!("0x{}", hex::encode(word))]);
    m.d.node.rpc("anvil_setStorageAt", full).await;
    assert_eq!(m.d.chain.batch_count(collection).await.unwrap(), 3_072);
    assert_eq!(ask(minter, &call).await, blocked(BlockedReason::Full));
}

#[tokio::test]
async fn too_much_gas_is_told_apart_whoever_finds_it() {
    let Some(m) = Minting::start(CollectionKind::OwnersInStorage).await else { return };
    let minter = m.signer.address();
    // no transaction may have more than 2^24, whatever the profile says
    let profile = |url: &str| ChainProfile { gas_cap: u64::MAX, ..profile(&[url]) };
    let chain = EvmChain::connect(profile(&m.d.node.url)).await.unwrap();
    let most = m.mint(ROOT, &owners(1_024));
    let answer = chain.preflight(minter, &most).await.unwrap();
    assert!(matches!(answer, Preflight::TooMuchGas { estimate: Some(16_777_217..) }), "{answer:?}");
    let half = chain.preflight(minter, &m.mint(ROOT, &owners(512))).await.unwrap();
    assert!(matches!(half, Preflight::Ready { gas_limit: ..=16_777_216 }), "{half:?}");

    // nodes that search no further than that; what a mint calls may be first to lack gas
    let mut nodes = Vec::new();
    for message in ["execution reverted", "gas required exceeds allowance (16777216)"] {
        let url = m.d.node.url.clone();
        let node = ScriptedNode::start(move |method| match method {
            "eth_estimateGas" => Reply::Error(message),
            _ => Reply::Forward(url.clone()),
        });
        nodes.push(node.await);
        let chain = EvmChain::connect(profile(&nodes[nodes.len() - 1].url)).await.unwrap();
        let answer = chain.preflight(minter, &most).await.unwrap();
        assert_eq!(answer, Preflight::TooMuchGas { estimate: None }, "{message}");
        let anchor = chain.preflight(minter, &m.d.anchor()).await.unwrap();
        assert_eq!(anchor, Preflight::Ready { gas_limit: 1 << 24 }, "never too large: {message}");
    }
    let chain = EvmChain::connect(profile(&nodes[1].url)).await.unwrap();
    m.d.node.rpc("anvil_setBalance", json!([minter, "0x1"])).await;
    let poor = chain.preflight(minter, &most).await.unwrap();
    assert_eq!(
        poor,
        Preflight::Blocked(BlockedReason::Funds),
        "nodes search as far as one can pay"
    );
    m.d.as_owner_of(m.collection.address, OwnerCall::Pause).await;
    let paused = chain.preflight(minter, &most).await.unwrap();
    assert_eq!(paused, Preflight::Blocked(BlockedReason::Paused), "a smaller batch would not do");
}

#[tokio::test]
async fn the_largest_batch_fits_a_transaction() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    let profile = ChainProfile { gas_cap: 1 << 24, ..profile_of(&m.d.node) };
    let chain = EvmChain::connect(profile).await.unwrap();
    let owners = owners(1_024);
    let call = m.mint(ROOT, &owners);
    let answer = chain.preflight(m.signer.address(), &call).await.unwrap();
    let Preflight::Ready { gas_limit } = answer else { panic!("{answer:?}") };
    assert!(m.mine(call, gas_limit).await.is_some());
    let hash = chain.minted(m.collection.address, batch(1_024), At::Head).await.unwrap();
    assert_eq!(hash, Some(owners_hash(batch(1_024), &owners)));
    let last = chain.token(m.collection.address, token(1_024, 1_023), At::Head).await.unwrap();
    assert_eq!(last.owner, owners.last().copied());
}

#[tokio::test]
async fn a_verifier_reads_a_token_at_the_head() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    assert!(m.mine(m.mint(ROOT, &[ALICE, BOB]), 1_000_000).await.is_some());
    m.d.node.mine(2).await;
    let url = m.d.node.url.parse().unwrap();
    let reader = EvmReader::new(&[url], Duration::from_secs(10)).unwrap();
    let (registry, collection) = (m.d.registry.address, m.collection.address);
    let reading = reader.read_token(registry, collection, batch(2), 1).await.unwrap();
    assert_eq!(reading.registry.chain_id, CHAIN_ID);
    assert_eq!(reading.registry.head, m.d.chain.head().await.unwrap());
    let finalized = reading.registry.finalized.block.number;
    assert_eq!(finalized, reading.registry.head.block.number - 2);
    assert_eq!(reading.registry.anchored.unwrap().operator, collection);
    assert_eq!(reading.owners_hash, Some(owners_hash(batch(2), &[ALICE, BOB])));
    assert_eq!(reading.token, TokenFact { owner: Some(BOB), valid: true });
    let unknown = reader.read_token(registry, collection, Hash([3; 32]), 1).await.unwrap();
    assert_eq!((unknown.registry.anchored, unknown.owners_hash), (None, None));
    assert_eq!(unknown.token, TokenFact { owner: None, valid: false });

    // neither nowhere nor another contract is a collection without this token
    for elsewhere in [Address([5; 20]), registry] {
        let refused = reader.read_token(registry, elsewhere, batch(2), 1).await;
        assert!(matches!(refused, Err(ChainError::Contract(_))), "{refused:?}");
        let refused = m.d.chain.minted(elsewhere, batch(2), At::Head).await;
        assert!(matches!(refused, Err(ChainError::Contract(_))), "{refused:?}");
        let refused = m.d.chain.token(elsewhere, token(2, 1), At::Head).await;
        assert!(matches!(refused, Err(ChainError::Contract(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_node_that_keeps_the_reason_of_a_revert_to_itself_knows_what_is_not_there() {
    let Some(m) = Minting::start(CollectionKind::OwnersAsCode).await else { return };
    assert!(m.mine(m.mint(ROOT, &[ALICE, BOB]), 1 << 20).await.is_some());
    let proxy = ChaosRpc::start(&m.d.node.url, 1).await;
    let chain = EvmChain::connect(profile(&[proxy.url()])).await.unwrap();
    let stripped = || Fault::Error { code: 3, message: "execution reverted".to_owned() };
    let collection = m.collection.address;
    // the second call is the one for the owner
    proxy.set([Rule::on("eth_call", stripped()).skip(1).times(1)]);
    let missing = chain.token(collection, token(2, 7), At::Head).await.unwrap();
    assert_eq!(missing, TokenFact { owner: None, valid: false });
    proxy.set([Rule::on("eth_call", stripped()).skip(1).times(1)]);
    let there = chain.token(collection, token(2, 0), At::Head).await;
    assert!(matches!(there, Err(ChainError::Contract(_))), "valid, and reverts: {there:?}");
    assert_eq!(proxy.counts().injected("error"), 2);
}
