//! `ingam audit`: recomputes everything and compares it with the chain.

mod prove;
mod seal_log;

use std::process::ExitCode;
use std::sync::Arc;

use chain::Chain;
use domain::{Clock as _, SystemClock};

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::{database, startup};

/// Recompute everything and compare with the chain
///
/// Exit codes: 0 clean, 1 something contradicts, 2 something could not be read.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Look at the database only
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Prove(prove::Args),
    SealLog(seal_log::Args),
}

const UNREADABLE: u8 = 2;

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    match args.command {
        Some(Command::Prove(args)) => prove::run(args, &config).await,
        Some(Command::SealLog(args)) => seal_log::run(args, &config).await,
        None => look(&args, &config).await,
    }
}

async fn look(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let store = match database::open(&config.database).await {
        Ok(store) => store,
        Err(error) => return Ok(unreadable(&error)),
    };
    let audited = audit(args, config, store.as_ref()).await;
    store.close().await;
    let audit = match audited {
        Ok(audit) => audit,
        Err(error) => return Ok(unreadable(&error)),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&audit)?);
    } else {
        print(&audit, args.offline);
    }
    Ok(if audit.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn audit(
    args: &Args,
    config: &Config,
    store: &dyn store::Store,
) -> anyhow::Result<worker::audit::Audit> {
    let chain: Option<Arc<dyn Chain>> =
        if args.offline { None } else { Some(startup::connect(&config.chain).await?) };
    Ok(worker::audit::audit(store, chain.as_deref(), SystemClock.now()).await?)
}

fn unreadable(error: &anyhow::Error) -> ExitCode {
    eprintln!("ingam: the audit is incomplete: {error:#}");
    ExitCode::from(UNREADABLE)
}

fn print(audit: &worker::audit::Audit, offline: bool) {
    for finding in &audit.findings {
        println!("{finding}");
    }
    for note in &audit.notes {
        println!("note: {note}");
    }
    if audit.unlisted > 0 {
        println!("… and {} further findings", audit.unlisted);
    }
    println!(
        "{} badges, {} leaves in {} tiles of {} batches, {} transactions with {} attempts",
        audit.badges, audit.leaves, audit.tiles, audit.batches, audit.transactions, audit.attempts
    );
    println!("{} rows of the audit log, {} heads", audit.log_rows, audit.heads);
    if let Some(head) = audit.last_head {
        println!("newest head of the audit log, to be kept elsewhere: {head}");
    }
    if offline {
        println!("the chain was not read");
    } else {
        println!("{} commitments found on chain", audit.anchored);
    }
    println!("{}", if audit.is_clean() { "clean" } else { "NOT CLEAN" });
}
