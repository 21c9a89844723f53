//! `ingam deploy`: a new registry, and what the configuration must say of it.

use std::process::ExitCode;

use anyhow::ensure;
use chain::{
    ChainProfile, DeployedRegistry, EvmChain, Finality, NodePolicy, RegistryRoles, RpcUrl,
};
use domain::{Clock as _, SystemClock};
use proof::Address;
use serde_json::json;
use store::RegistryRecord;

use crate::config::{DatabaseConfig, DatabaseUrl};
use crate::database;
use crate::owner_key::OwnerKeyArgs;

/// Deploy a registry
///
/// One transaction from the deployer's key, which is left without any role unless it is named as
/// one. Prints what goes into the configuration.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The chain's id (EIP-155); a node of another chain is refused
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    chain_id: u64,
    /// A node of the chain; may be given several times
    #[arg(
        long = "rpc",
        value_name = "URL",
        env = "INGAM_RPC",
        value_delimiter = ',',
        required = true
    )]
    rpc: Vec<RpcUrl>,
    #[command(flatten)]
    key: OwnerKeyArgs,
    /// Gives and takes roles; should be a multisig [default: the deployer]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// May pause, and nothing else
    #[arg(long, value_name = "ADDRESS")]
    guardian: Option<Address>,
    /// May anchor: the service's signer; up to 16
    #[arg(long = "operator", value_name = "ADDRESS", required = true)]
    operators: Vec<Address>,
    /// May revoke badges [default: the operators]
    #[arg(long = "revoker", value_name = "ADDRESS")]
    revokers: Vec<Address>,
    /// Record the registry in this database; else the service does at its start
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The contract's own limit.
const MAX_OPERATORS: usize = 16;
/// The largest transaction of EIP-7825.
const GAS_CAP: u64 = 16_777_216;

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    ensure!(
        args.operators.len() <= MAX_OPERATORS,
        "a registry has at most {MAX_OPERATORS} operators"
    );
    let key = args.key.open().await?;
    let profile = ChainProfile {
        chain_id: args.chain_id,
        rpc_urls: args.rpc.clone(),
        finality: Finality::Tag,
        min_depth: 0,
        gas_cap: GAS_CAP,
        nodes: NodePolicy::default(),
    };
    let chain = EvmChain::connect(profile).await?;
    let roles = RegistryRoles {
        owner: args.owner.unwrap_or(key.address()),
        guardian: args.guardian,
        operators: args.operators.clone(),
        revokers: if args.revokers.is_empty() { &args.operators } else { &args.revokers }.clone(),
    };
    let deployed = chain.deploy_registry(&key, &roles).await?;
    print(&args, &deployed);
    if let Some(url) = args.database {
        record(url, args.chain_id, &deployed).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Args, deployed: &DeployedRegistry) {
    let DeployedRegistry { address, block, transaction, code_hash } = deployed;
    let chain_id = args.chain_id;
    if args.json {
        let line = json!({
            "chainId": chain_id,
            "registry": address,
            "codeHash": format!("0x{code_hash}"),
            "fromBlock": block.number,
            "transaction": format!("0x{transaction}"),
        });
        println!("{line}");
    } else {
        println!("# registry deployed by transaction 0x{transaction}; for the configuration:");
        println!("[chain]");
        println!("chain_id = {chain_id}");
        println!("registry = \"{address}\"");
        println!("registry_code_hash = \"0x{code_hash}\"");
        println!("registry_from_block = {}", block.number);
    }
}

async fn record(
    url: DatabaseUrl,
    chain_id: u64,
    deployed: &DeployedRegistry,
) -> anyhow::Result<()> {
    let store = database::open(&DatabaseConfig::of(url)).await?;
    let record = RegistryRecord {
        chain_id,
        address: deployed.address,
        from_block: deployed.block.number,
        code_hash: deployed.code_hash,
        created_at: SystemClock.now(),
    };
    let recorded = store.add_registry(&record).await;
    store.close().await;
    Ok(recorded?)
}
