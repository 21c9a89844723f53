//! The worker's signer: its key, its role, and its nonce sequence.

use std::sync::Arc;

use anyhow::{bail, ensure};
use chain::{Chain, ContractCall, Preflight, SigningPolicy, TransactionSigner};
use domain::{BlockedReason, Clock as _, Signer, SystemClock};
use proof::{Address, Hash};
use store::Store;

use crate::config::Config;
use crate::process::SigningArgs;
use crate::signing_key;

/// A signer that may anchor.
pub(crate) struct ReadySigner {
    pub(crate) key: Arc<dyn TransactionSigner>,
    pub(crate) row: Signer,
    /// Keys of former signers, as far as they are configured and can be opened.
    pub(crate) former_keys: Vec<Arc<dyn TransactionSigner>>,
}

/// Opens the key and checks role and nonce.
///
/// # Errors
/// The key cannot be opened, is raw without `--insecure-dev-key`, is no operator of the registry,
/// or has sent transactions that this database does not know.
pub(crate) async fn ready(
    args: &SigningArgs,
    config: &Config,
    chain: &dyn Chain,
    store: &dyn Store,
) -> anyhow::Result<ReadySigner> {
    let chain_id = config.chain.chain_id;
    let recorded = store.registries().await?;
    let registries = recorded.iter().filter(|registry| registry.chain_id == chain_id);
    let collections = store.collections().await?;
    let collections = collections.into_iter().map(|collection| collection.stream);
    let policy = SigningPolicy {
        chain_id,
        registries: registries.map(|registry| registry.address).collect(),
        collections: collections
            .filter(|stream| stream.chain_id == chain_id)
            .filter_map(|stream| stream.kind.collection())
            .collect(),
        gas_cap: config.chain.fees.gas_cap,
        fee_cap: config.chain.fees.signer_cap(),
    };
    let key = signing_key::open(&config.signer, args.insecure_dev_key, policy.clone()).await?;
    let address = key.address();
    let former_keys = former_keys(args, config, &policy).await;

    check_role(chain, config, address).await?;

    let known = store.signers().await?;
    let known = known.into_iter().find(|row| (row.chain_id, row.address) == (chain_id, address));
    let row = match known {
        Some(row) => row,
        None => {
            let nonce = chain.agreed_nonce(address).await?;
            ensure!(
                nonce == 0 || args.adopt_nonce,
                "signer {address} has sent {nonce} transactions that this database does not know: \
                 is it the right database? If so, give --adopt-nonce"
            );
            store.signer(chain_id, address, nonce, SystemClock.now()).await?
        }
    };
    Ok(ReadySigner { key, row, former_keys })
}

/// A former signer's key serves to pay more for what it sent; without it that is sent as it is. So one
/// that cannot be opened keeps nothing from starting.
async fn former_keys(
    args: &SigningArgs,
    config: &Config,
    policy: &SigningPolicy,
) -> Vec<Arc<dyn TransactionSigner>> {
    let mut keys = Vec::new();
    for (number, former) in config.former_signers.iter().enumerate() {
        match signing_key::open(former, args.insecure_dev_key, policy.clone()).await {
            Ok(key) => keys.push(key),
            Err(error) => {
                tracing::error!(number, "the key of a former signer is not there: {error:#}");
            }
        }
    }
    keys
}

/// A signer without role is refused; a pause or missing funds pass, so the service starts and waits.
async fn check_role(chain: &dyn Chain, config: &Config, address: Address) -> anyhow::Result<()> {
    let registry = config.chain.registry;
    // the registry checks the role of whoever anchors a value that it does not know
    let commitment = Hash::of(&[b"ingam: may this signer anchor?"]);
    let call = ContractCall::Anchor { registry, commitment };
    match chain.preflight(address, &call).await? {
        Preflight::Blocked(BlockedReason::Role) => {
            bail!("signer {address} is no operator of the registry {registry}")
        }
        Preflight::Blocked(reason) => {
            tracing::warn!(signer = %address, %reason, "the signer cannot anchor at the moment");
        }
        Preflight::Ready { .. } | Preflight::TooMuchGas { .. } => {}
    }
    Ok(())
}
