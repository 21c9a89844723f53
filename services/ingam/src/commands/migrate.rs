//! `ingam migrate`: everything that must be there before a service starts.

use std::path::{Path, PathBuf};
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
/// Applies the migrations and makes the two key files where they are missing. Safe to repeat without
/// options.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Make a new receipt key, and move the one that is here aside, to `receipt.key.<id>.old`
    #[arg(long)]
    new_receipt_key: bool,
    /// Make the missing token secret anew although proof links were given out: they all end
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
    if args.new_receipt_key && key_file.exists() {
        set_aside(&key_file)?;
    }
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

/// Kept, since its owner may want it back; receipts need only its public key, in the trust file.
fn set_aside(key_file: &Path) -> anyhow::Result<()> {
    let key = ReceiptKey::from_seed(*secrets::read(key_file)?);
    let id = key.key_id().to_string();
    let mut old = key_file.as_os_str().to_owned();
    old.push(format!(".{}.old", &id[..8]));
    let old = PathBuf::from(old);
    std::fs::rename(key_file, &old)
        .with_context(|| format!("cannot move {} to {}", key_file.display(), old.display()))?;
    println!("moved the receipt key {id} to {}", old.display());
    println!("end it with `ingam trust retire-key {id}`, or revoke-key if it was stolen");
    Ok(())
}

fn make(path: &Path) -> anyhow::Result<()> {
    if secrets::create_if_missing(path, &SystemEntropy)? {
        println!("made {}: back it up, and keep it secret", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    use store::Administration as _;
    use store_sqlite::{SqliteOptions, SqliteStore};

    #[tokio::test]
    async fn a_new_receipt_key_replaces_the_old_and_is_recorded() {
        let directory = tempfile::tempdir().unwrap();
        let text = include_str!("../../../../deploy/config.example.toml");
        let mut config = Config::parse(text, &|_| None).unwrap();
        config.service.data_dir = directory.path().to_owned();
        config.service.receipt_key_file = None;
        config.service.token_secret_file = None;
        let path = directory.path().join("ingam.db");
        SqliteStore::migrate(&path).await.unwrap();
        let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
        let (stay, rotate) = (
            Args { new_receipt_key: false, new_token_secret: false },
            Args { new_receipt_key: true, new_token_secret: false },
        );

        make_secrets(&stay, &config, &store).await.unwrap();
        let file = config.receipt_key_file();
        let first = ReceiptKey::from_seed(*secrets::read(&file).unwrap()).key_id();
        make_secrets(&stay, &config, &store).await.unwrap();
        assert_eq!(store.receipt_keys().await.unwrap().len(), 1);

        make_secrets(&rotate, &config, &store).await.unwrap();
        let second = ReceiptKey::from_seed(*secrets::read(&file).unwrap()).key_id();
        assert_ne!(first, second);
        let recorded = store.receipt_keys().await.unwrap();
        let recorded: Vec<_> = recorded.iter().map(|record| record.key_id).collect();
        assert!(recorded.len() == 2 && recorded.contains(&first) && recorded.contains(&second));
        let old = directory.path().join(format!("receipt.key.{}.old", &first.to_string()[..8]));
        assert_eq!(ReceiptKey::from_seed(*secrets::read(&old).unwrap()).key_id(), first);
        let mode = std::fs::metadata(&old).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        store.close().await;
    }
}
