//! The worker's signer: its key, its role, and its nonce sequence.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use chain::{At, Chain, ContractCall, LocalSigner, Preflight, SigningPolicy, TransactionSigner};
use domain::{BlockedReason, Signer};
use proof::{Address, Hash};
use store::Store;
use zeroize::Zeroizing;

use crate::config::{Config, SignerConfig};
use crate::process::SigningArgs;

/// A signer that may anchor.
pub(crate) struct ReadySigner {
    pub(crate) key: Arc<dyn TransactionSigner>,
    pub(crate) row: Signer,
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
    let key = open(args, config.signer.clone(), policy).await?;
    let address = key.address();

    check_role(chain, config, address).await?;

    let known = store.signers().await?;
    let known = known.into_iter().find(|row| (row.chain_id, row.address) == (chain_id, address));
    let row = match known {
        Some(row) => row,
        None => {
            let nonce = chain.nonce(address, At::Head).await?;
            ensure!(
                nonce == 0 || args.adopt_nonce,
                "signer {address} has sent {nonce} transactions that this database does not know: \
                 is it the right database? If so, give --adopt-nonce"
            );
            store.signer(chain_id, address, nonce).await?
        }
    };
    Ok(ReadySigner { key: Arc::new(key), row })
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

/// The variable that may hold a raw key.
const DEV_KEY: &str = "INGAM_DEV_KEY";

async fn open(
    args: &SigningArgs,
    config: SignerConfig,
    policy: SigningPolicy,
) -> anyhow::Result<LocalSigner> {
    if let (Some(keystore), Some(password)) = (config.keystore, config.password_file) {
        // slow on purpose
        let opened = tokio::task::spawn_blocking(move || {
            LocalSigner::from_keystore(&keystore, &password, policy)
        });
        return Ok(opened.await??);
    }
    let raw = match (&config.dev_key_file, std::env::var(DEV_KEY)) {
        (Some(file), _) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read signer.dev_key_file {}", file.display()))?,
        (None, Ok(key)) => key,
        (None, Err(_)) => bail!("no signer: set signer.keystore and signer.password_file"),
    };
    let raw = Zeroizing::new(raw);
    ensure!(
        args.insecure_dev_key,
        "a raw private key is for development only: give --insecure-dev-key"
    );
    Ok(LocalSigner::from_dev_key(raw.trim(), policy)?)
}
