//! `ingam collection open`

use anyhow::{Context as _, anyhow, ensure};
use chain::{CollectionKind, CollectionSetup, DeployedCollection, EvmChain, OwnerCall, OwnerKey};
use domain::{Clock as _, Collection, IssuerId, NewCollection, SystemClock};
use proof::Address;
use serde_json::json;
use store::{Store, StoreError};

use crate::config::Config;
use crate::owner_key::OwnerKeyArgs;
use crate::{published_trust, startup};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
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

pub(super) async fn run(
    args: &Args,
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
    args: &Args,
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
