//! `ingam trust`: publishes the trust file if it changed, and prints it; ends what it names.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use domain::{Clock as _, SystemClock};
use proof::{
    Address, DistrustedOperator, Hash, ReceiptKeyEntry, RegistryEntry, Timestamp, TrustFile,
};

use crate::cli::ConfigFile;
use crate::{database, published_trust};

/// Publish and print the trust file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write it here instead of to standard output
    #[arg(long, value_name = "FILE", global = true)]
    out: Option<PathBuf>,
    #[command(subcommand)]
    change: Option<Change>,
}

/// What an operator ends. Entries are never removed: proofs from before stay good.
#[derive(Debug, Subcommand)]
enum Change {
    /// A receipt key is no longer used; its receipts stay good
    RetireKey {
        /// Id of the key, as in the trust file
        key_id: Hash,
    },
    /// A receipt key was misused; receipts of badges received from now on are refused
    RevokeKey {
        /// Id of the key, as in the trust file
        key_id: Hash,
    },
    /// A registry is left; anchors after a block do not count
    EndRegistry {
        /// The registry
        registry: Address,
        /// Last block whose anchors count
        #[arg(long, value_name = "NUMBER")]
        until_block: u64,
    },
    /// An operator's key was lost; its anchors from a block on do not count
    Distrust {
        /// The operator
        operator: Address,
        /// The registry
        #[arg(long, value_name = "ADDRESS")]
        registry: Address,
        /// First block whose anchors by the operator do not count
        #[arg(long, value_name = "NUMBER")]
        from_block: u64,
    },
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let now = SystemClock.now();
    let (_, current) = published_trust::record(store.as_ref(), &config, now).await?;
    let file = match args.change {
        None => current,
        Some(change) => {
            let chain_id = config.chain.chain_id;
            let change = |file: &mut TrustFile| change.apply(file, chain_id, now);
            published_trust::amend(store.as_ref(), now, change).await?
        }
    };
    store.close().await;
    let text = format!("{}\n", file.to_json());
    match args.out {
        Some(path) => std::fs::write(&path, text)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

impl Change {
    fn apply(self, file: &mut TrustFile, chain_id: u64, now: Timestamp) -> anyhow::Result<()> {
        match self {
            Self::RetireKey { key_id } => key(file, key_id)?.not_after = Some(now),
            Self::RevokeKey { key_id } => key(file, key_id)?.revoked_at = Some(now),
            Self::EndRegistry { registry, until_block } => {
                entry(file, chain_id, registry)?.until_block = Some(until_block);
            }
            Self::Distrust { operator, registry, from_block } => {
                let distrusted = DistrustedOperator { operator, from_block };
                entry(file, chain_id, registry)?.distrusted_operators.push(distrusted);
            }
        }
        Ok(())
    }
}

fn key(file: &mut TrustFile, key_id: Hash) -> anyhow::Result<&mut ReceiptKeyEntry> {
    let found = file.receipt_keys.iter_mut().find(|entry| entry.key_id == key_id);
    found.with_context(|| format!("the trust file has no receipt key {key_id}"))
}

fn entry(
    file: &mut TrustFile,
    chain_id: u64,
    registry: Address,
) -> anyhow::Result<&mut RegistryEntry> {
    let is_it =
        |entry: &&mut RegistryEntry| (entry.chain_id, entry.registry) == (chain_id, registry);
    let found = file.registries.iter_mut().find(is_it);
    found.with_context(|| format!("the trust file has no registry {registry} on chain {chain_id}"))
}
