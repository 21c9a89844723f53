//! `ingam account add|list|disable`: platforms, directly in the database.

use std::process::ExitCode;

use anyhow::anyhow;
use api::ADMINISTRATION_MEMORY_MS;
use domain::{AccountId, Clock as _, SystemClock};
use serde_json::json;
use store::{EndedAccount, StoreError};

use crate::cli::ConfigFile;
use crate::database;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add an account
    Add {
        /// Its name; need not be unique
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End an account: its keys and the intake of its issuers; its badges stay provable
    Disable {
        /// The account's id
        id: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List all accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let store = database::open(&config.load()?.database).await?;
    let (accounts, as_json) = match command {
        Command::Add { name, json } => {
            anyhow::ensure!(!name.trim().is_empty(), "an account has a name");
            (vec![store.add_account(&name, SystemClock.now()).await?], json)
        }
        Command::Disable { id, json } => {
            let ended = store.disable_account(AccountId(id), SystemClock.now()).await;
            let EndedAccount { keys, issuers } = ended.map_err(|error| match error {
                StoreError::NotFound => anyhow!("there is no account {id}"),
                other => other.into(),
            })?;
            if json {
                println!(
                    "{}",
                    json!({ "id": id, "keysRevoked": keys, "issuersDisabled": issuers })
                );
            } else {
                let within = ADMINISTRATION_MEMORY_MS / 1000;
                println!(
                    "account {id} has ended: {keys} keys revoked, {issuers} issuers disabled; the \
                     service refuses them within {within} seconds"
                );
            }
            (Vec::new(), json)
        }
        Command::List { json } => (store.accounts().await?, json),
    };
    for account in accounts {
        if as_json {
            let (id, name, created) = (account.id.0, account.name, account.created_at);
            println!("{}", json!({ "id": id, "name": name, "createdAt": created }));
        } else {
            println!("{}\t{}\t{}", account.id, account.created_at, account.name);
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
