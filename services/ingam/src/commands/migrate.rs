//! `ingam migrate`: everything that must be there before a service starts.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use domain::{Clock as _, SystemClock, SystemEntropy};
use proof::ReceiptKey;
use store::Store;

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::{database, published_trust, secrets};

/// Prepare database, receipt key and token secret
///
/// Applies the migrations and makes the two key files where they are missing. Safe to repeat.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Make a new receipt key although receipts were signed with one that is not here
    #[arg(long)]
    new_receipt_key: bool,
    /// Make a new token secret although proof links were given out: they all end
    #[arg(long)]
    new_token_secret: bool,
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let directory = &config.service.data_dir;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    database::migrate(&config.database).await?;
    println!("database {} is ready", config.database.url);
    let store = database::open(&config.database).await?;
    let prepared = make_secrets(&args, &config, store.as_ref()).await;
    store.close().await;
    prepared?;
    Ok(ExitCode::SUCCESS)
}

async fn make_secrets(args: &Args, config: &Config, store: &dyn Store) -> anyhow::Result<()> {
    let key_file = config.receipt_key_file();
    let keys = store.receipt_keys().await?.len();
    ensure!(
        key_file.exists() || keys == 0 || args.new_receipt_key,
        "the receipt key {} is missing, but receipts were signed: restore it, or give \
         --new-receipt-key",
        key_file.display()
    );
    make(&key_file)?;
    let key = ReceiptKey::from_seed(*secrets::read(&key_file)?);
    published_trust::record_key(store, &key, SystemClock.now()).await?;

    let token_file = config.token_secret_file();
    let badges = store.counts().await?.positions;
    ensure!(
        token_file.exists() || badges == 0 || args.new_token_secret,
        "the token secret {} is missing, but proof links were given out: restore it, or give \
         --new-token-secret",
        token_file.display()
    );
    make(&token_file)
}

fn make(path: &Path) -> anyhow::Result<()> {
    if secrets::create_if_missing(path, &SystemEntropy)? {
        println!("made {}: back it up, and keep it secret", path.display());
    }
    Ok(())
}
