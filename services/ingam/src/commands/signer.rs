//! `ingam signer address|check`: whose key is configured, and what it may do. Reads only.

use std::process::ExitCode;

use chain::{At, Chain as _, SigningPolicy, TransactionSigner};
use proof::Address;
use serde_json::json;

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::{signing_key, startup};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Print the account of the configured signer; needs no chain and no database
    Address(AddressArgs),
    /// Print what the configured signer may do on chain, what it owns and how much it has sent
    ///
    /// Needs no database, so it can be run beside the service, and with the configuration of a signer
    /// that is still to come. Exit codes: 0 it may anchor and revoke, and mint in the given collections;
    /// 1 it may not, or owns nothing.
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddressArgs {
    /// Take the key raw, from signer.dev_key_file or INGAM_DEV_KEY: development only
    #[arg(long)]
    insecure_dev_key: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    key: AddressArgs,
    /// A collection in which it shall mint; may be given several times
    #[arg(long = "collection", value_name = "ADDRESS")]
    collections: Vec<Address>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    match command {
        Command::Address(args) => {
            println!("{}", account(&args, &config).await?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(args) => check(&args, &config).await,
    }
}

/// The key's account. The key is opened with a policy that allows nothing.
async fn account(args: &AddressArgs, config: &Config) -> anyhow::Result<Address> {
    let nothing = SigningPolicy {
        chain_id: config.chain.chain_id,
        registries: Vec::new(),
        collections: Vec::new(),
        gas_cap: 0,
        fee_cap: 0,
    };
    let signer = signing_key::open(&config.signer, args.insecure_dev_key, nothing).await?;
    Ok(TransactionSigner::address(signer.as_ref()))
}

async fn check(args: &CheckArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let account = account(&args.key, config).await?;
    let chain = startup::connect(&config.chain).await?;
    let registry = config.chain.registry;
    let roles = chain.roles(registry, account).await?;
    let balance = chain.balance(account).await?;
    let nonce = chain.nonce(account, At::Head).await?;
    let mut minter = Vec::new();
    for collection in &args.collections {
        minter.push((*collection, chain.is_minter(*collection, account).await?));
    }
    let good = roles.operator
        && roles.revoker
        && !roles.paused
        && balance > 0
        && minter.iter().all(|(_, may)| *may);
    if args.json {
        let collections: Vec<_> = minter
            .iter()
            .map(|(collection, may)| json!({ "collection": collection, "minter": may }))
            .collect();
        let line = json!({
            "address": account,
            "chainId": config.chain.chain_id,
            "registry": registry,
            "operator": roles.operator,
            "revoker": roles.revoker,
            "paused": roles.paused,
            "collections": collections,
            "balanceWei": balance.to_string(),
            "nonce": nonce,
        });
        println!("{line}");
    } else {
        let said = |may| if may { "yes" } else { "NO" };
        println!("address\t{account}");
        println!("may anchor in {registry}\t{}", said(roles.operator));
        println!("may revoke in it\t{}", said(roles.revoker));
        if roles.paused {
            println!("the registry is PAUSED");
        }
        for (collection, may) in &minter {
            println!("may mint in {collection}\t{}", said(*may));
        }
        println!("owns\t{balance} wei");
        println!("has sent\t{nonce} transactions");
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
