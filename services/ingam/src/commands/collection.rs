//! `ingam collection open|list|announce`: the contracts that tokens are minted in.

mod announce;
mod open;

use std::process::ExitCode;

use anyhow::Context as _;
use chain::{Chain as _, EvmChain};
use domain::{Collection, MAX_COLLECTION_BATCHES};
use serde_json::json;
use store::Store;

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::{database, startup};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Deploy a collection, record it and publish it in the trust file
    ///
    /// New tokens of its issuer are minted in it from then on: with the first, the issuer (or the
    /// operator) has a collection; each further one is the next volume, to be opened before the last
    /// is full. Needs a deployer's key; where that key owns the registry too, the collection becomes
    /// an operator of it, else this says what the registry's owner has to do. A running worker signs
    /// for the collection after its next start.
    Open(Box<open::Args>),
    /// Tell marketplaces that revoked tokens changed (ERC-4906)
    ///
    /// Sends `MetadataUpdate` for each revoked token, so that those who keep copies of metadata read
    /// them anew. Wallets that read `tokenURI` each time need none of it. With the key of the
    /// collection's owner or of a minter.
    Announce(announce::Args),
    /// List collections, and how full they are
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let chain = startup::connect(&config.chain).await?;
    let done = match command {
        Command::Open(args) => open::run(&args, &config, store.as_ref(), &chain).await,
        Command::Announce(args) => announce::run(&args, store.as_ref(), &chain).await,
        Command::List { json } => list(json, &config, store.as_ref(), &chain).await,
    };
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn list(
    as_json: bool,
    config: &Config,
    store: &dyn Store,
    chain: &EvmChain,
) -> anyhow::Result<()> {
    for collection in store.collections().await? {
        let Collection { id, stream, issuer, volume, .. } = &collection;
        let contract = stream.kind.collection().context("a collection without contract")?;
        let batches = match stream.chain_id == config.chain.chain_id {
            true => Some(chain.batch_count(contract).await?),
            false => None,
        };
        if as_json {
            let line = json!({
                "id": id.0,
                "chainId": stream.chain_id,
                "contract": contract,
                "registry": stream.registry,
                "issuer": issuer.map(|issuer| issuer.0),
                "volume": volume,
                "batches": batches,
                "maxBatches": MAX_COLLECTION_BATCHES,
                "createdAt": collection.created_at,
            });
            println!("{line}");
        } else {
            let whose =
                issuer.map_or("all issuers".to_owned(), |issuer| format!("issuer {issuer}"));
            let full = batches.map_or("another chain".to_owned(), |batches| {
                format!("{batches} of {MAX_COLLECTION_BATCHES} batches")
            });
            println!(
                "{id}\tchain {}\t{contract}\t{whose}\tvolume {volume}\t{full}",
                stream.chain_id
            );
        }
    }
    Ok(())
}
