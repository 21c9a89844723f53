//! `ingam audit`: recomputes everything and compares it with the chain.

use std::process::ExitCode;
use std::sync::Arc;

use chain::Chain;
use domain::{Clock as _, SystemClock};

use crate::cli::ConfigFile;
use crate::{database, startup};

/// Recompute everything and compare with the chain
///
/// Exit codes: 0 clean, 1 something contradicts, 2 something could not be read.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look at the database only
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const UNREADABLE: u8 = 2;

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = match database::open(&config.database).await {
        Ok(store) => store,
        Err(error) => return Ok(unreadable(&error)),
    };
    let audited = audit(&args, &config, store.as_ref()).await;
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
    config: &crate::config::Config,
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
    if audit.unlisted > 0 {
        println!("… and {} further findings", audit.unlisted);
    }
    println!(
        "{} badges, {} leaves in {} tiles of {} batches, {} transactions with {} attempts",
        audit.badges, audit.leaves, audit.tiles, audit.batches, audit.transactions, audit.attempts
    );
    if offline {
        println!("the chain was not read");
    } else {
        println!("{} commitments found on chain", audit.anchored);
    }
    println!("{}", if audit.is_clean() { "clean" } else { "NOT CLEAN" });
}
