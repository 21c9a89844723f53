//! Refusals at the start: better no service than one that anchors on the wrong chain or contract.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use chain::{Chain, EvmChain};
use domain::StreamKind;
use proof::{Hash, Timestamp};
use store::{RegistryRecord, Store};

use crate::config::ChainConfig;

/// Connects to the configured chain.
///
/// # Errors
/// No node answers, or one is of another chain.
pub(crate) async fn connect(config: &ChainConfig) -> anyhow::Result<Arc<EvmChain>> {
    let chain = EvmChain::connect(config.profile()).await;
    Ok(Arc::new(chain.with_context(|| format!("chain {}", config.chain_id))?))
}

/// Each collection on the configured chain is there and is the one that was recorded.
///
/// # Errors
/// No code at the address, or other code.
pub(crate) async fn check_collections(
    chain: &dyn Chain,
    store: &dyn Store,
    config: &ChainConfig,
) -> anyhow::Result<()> {
    for collection in store.collections().await? {
        let (StreamKind::Mint { collection: contract }, chain_id) =
            (collection.stream.kind, collection.stream.chain_id)
        else {
            continue;
        };
        if chain_id != config.chain_id {
            continue;
        }
        let found = chain.code_hash(contract).await?;
        ensure!(
            found == Some(collection.code_hash),
            "the collection at {contract} on chain {chain_id} is not the one that was recorded: \
             its code hash is {}, recorded is 0x{}",
            found.map_or_else(|| "missing (no contract)".to_owned(), |hash| format!("0x{hash}")),
            collection.code_hash
        );
    }
    Ok(())
}

/// The registry is there, is the one that was deployed, and is recorded.
///
/// # Errors
/// No code at the address, other code, or another record.
pub(crate) async fn check_registry(
    chain: &dyn Chain,
    store: &dyn Store,
    config: &ChainConfig,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (registry, expected) = (config.registry, Hash(config.registry_code_hash.0));
    let found = chain.code_hash(registry).await?;
    let Some(found) = found else {
        bail!("there is no contract at {registry} on chain {}", config.chain_id)
    };
    ensure!(
        found == expected,
        "the contract at {registry} on chain {} is another one: its code hash is 0x{found}, \
         chain.registry_code_hash is 0x{expected}",
        config.chain_id
    );
    let record = RegistryRecord {
        chain_id: config.chain_id,
        address: registry,
        from_block: config.registry_from_block,
        code_hash: expected,
        created_at: now,
    };
    let recorded = store.add_registry(&record).await;
    recorded.with_context(|| format!("registry {registry} is recorded otherwise"))
}
