//! `ingam account add|list`: platforms, directly in the database.

use std::process::ExitCode;

use domain::{Clock as _, SystemClock};
use serde_json::json;

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
