//! `ingam collection open|list`: the contracts that tokens are minted in.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow, ensure};
use chain::{
    Chain as _, CollectionKind, CollectionSetup, DeployedCollection, EvmChain, OwnerCall, OwnerKey,
};
use domain::{
    Clock as _, Collection, IssuerId, MAX_COLLECTION_BATCHES, NewCollection, SystemClock,
};
use proof::Address;
use serde_json::json;
use store::{Store, StoreError};

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::owner_key::OwnerKeyArgs;
use crate::{database, published_trust, startup};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Deploy a collection, record it and publish it in the trust file
    ///
    /// New tokens of its issuer are minted in it from then on: with the first, the issuer (or the
    /// operator) has a collection; each further one is the next volume, to be opened before the last
    /// is full. Needs a deployer's key; where that key owns the registry too, the collection becomes
    /// an operator of it, else this says what the registry's owner has to do. A running worker signs
    /// for the collection after its next start.
    Open(Box<OpenArgs>),
    /// List collections, and how full they are
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    key: OwnerKeyArgs,
    /// For this issuer alone; without, for every issuer that has none of its own
    #[arg(long, value_name = "ID")]
    issuer: Option<i32>,
    /// As wallets show it
    #[arg(long)]
    name: String,
    /// As wallets abbreviate it
    #[arg(long, default_value = "BADGE")]
    symbol: String,
    /// Gives and takes roles; should be a multisig [default: the deployer]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// May pause, and nothing else
    #[arg(long, value_name = "ADDRESS")]
    guardian: Option<Address>,
    /// May mint: the service's signer
    #[arg(long = "minter", value_name = "ADDRESS", required = true)]
    minters: Vec<Address>,
    /// Where metadata are read, ending with a slash [default: this service, as `public_url` says]
    #[arg(long, value_name = "URL")]
    base_uri: Option<String>,
    /// Do not announce each token as locked (ERC-5192): saves about 1,020 gas a token
    #[arg(long)]
    without_locks: bool,
    /// Keep owners in storage: for chains where code cannot carry data, at twice the gas
    #[arg(long)]
    in_storage: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let chain = startup::connect(&config.chain).await?;
    let done = match command {
        Command::Open(args) => open(&args, &config, store.as_ref(), &chain).await,
        Command::List { json } => list(json, &config, store.as_ref(), &chain).await,
    };
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn open(
    args: &OpenArgs,
    config: &Config,
    store: &dyn Store,
    chain: &EvmChain,
) -> anyhow::Result<()> {
    // before anything is deployed
    let now = SystemClock.now();
    startup::check_registry(chain, store, &config.chain, now).await?;
    let issuer = args.issuer.map(IssuerId);
    if let Some(id) = issuer {
        let known = store.issuers(None).await?.iter().any(|issuer| issuer.id == id);
        ensure!(known, "there is no issuer {id}");
    }
    let key = args.key.open().await?;
    let expected = chain.next_contract(&key).await?;
    let (chain_id, public_url) = (config.chain.chain_id, &config.service.public_url);
    let setup = CollectionSetup {
        registry: config.chain.registry,
        owner: args.owner.unwrap_or(key.address()),
        guardian: args.guardian,
        minters: args.minters.clone(),
        name: args.name.clone(),
        symbol: args.symbol.clone(),
        base_uri: args
            .base_uri
            .clone()
            .unwrap_or_else(|| format!("{public_url}/v1/tokens/{chain_id}/{expected}/")),
        locks_announced: !args.without_locks,
    };
    let kind = match args.in_storage {
        true => CollectionKind::OwnersInStorage,
        false => CollectionKind::OwnersAsCode,
    };
    let deployed = chain.deploy_collection(&key, kind, &setup).await?;
    ensure!(
        deployed.address == expected,
        "deployed at {}, but its base URI names {expected}: another transaction of the key came \
         between. It is not recorded; run this again",
        deployed.address
    );
    let collection = record(args, config, store, &deployed).await?;
    let is_operator = add_operator(chain, &key, config.chain.registry, deployed.address).await;
    print_opened(args.json, &collection, &deployed);
    if let Err(error) = is_operator {
        eprintln!(
            "ingam: the registry's owner has to make the collection an operator before anything is \
             minted: call addOperator({}) on {} ({error:#})",
            deployed.address, config.chain.registry
        );
    }
    Ok(())
}

async fn record(
    args: &OpenArgs,
    config: &Config,
    store: &dyn Store,
    deployed: &DeployedCollection,
) -> anyhow::Result<Collection> {
    let now = SystemClock.now();
    let new = NewCollection {
        chain_id: config.chain.chain_id,
        registry: config.chain.registry,
        contract: deployed.address,
        issuer: args.issuer.map(IssuerId),
        from_block: deployed.block.number,
        code_hash: deployed.code_hash,
        service: config.service.id.clone(),
        promise_ms: config.mint.promise_ms(),
    };
    let added = store.add_collection(&new, now).await;
    let collection = added.map_err(|error| match error {
        StoreError::NotFound => anyhow!("there is no such issuer"),
        other => other.into(),
    });
    let collection = collection
        .with_context(|| format!("collection {} is deployed, not recorded", deployed.address))?;
    published_trust::publish(store, &config.service.id, now).await?;
    Ok(collection)
}

/// Where the deployer owns the registry as well.
async fn add_operator(
    chain: &EvmChain,
    key: &OwnerKey,
    registry: Address,
    collection: Address,
) -> anyhow::Result<()> {
    chain.call_as_owner(key, registry, OwnerCall::AddOperator(collection)).await?;
    Ok(())
}

fn print_opened(as_json: bool, collection: &Collection, deployed: &DeployedCollection) {
    let DeployedCollection { address, block, transaction, code_hash } = deployed;
    let volume = collection.volume;
    if as_json {
        let line = json!({
            "id": collection.id.0,
            "chainId": collection.stream.chain_id,
            "contract": address,
            "issuer": collection.issuer.map(|issuer| issuer.0),
            "volume": volume,
            "codeHash": format!("0x{code_hash}"),
            "fromBlock": block.number,
            "transaction": format!("0x{transaction}"),
        });
        println!("{line}");
    } else {
        println!("collection {address}, volume {volume}, deployed by transaction 0x{transaction}");
    }
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
