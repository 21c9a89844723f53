//! `ingam issuer add|list|disable`, directly in the database; each change publishes the trust file.

use std::process::ExitCode;

use anyhow::anyhow;
use api::ADMINISTRATION_MEMORY_MS;
use domain::{AccountId, Clock as _, Control, Issuer, IssuerId, SystemClock};
use proof::{IssuerEntry, IssuerIdentifier};
use serde_json::json;
use store::StoreError;

use crate::cli::ConfigFile;
use crate::{database, published_trust};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Register an issuer
    Add {
        /// Id of the account that speaks for it
        #[arg(long)]
        account: i64,
        /// `https://host/…` or a DID; never changes
        identifier: IssuerIdentifier,
        /// Another identifier that its badges carry
        #[arg(long = "alias", value_name = "TEXT")]
        aliases: Vec<String>,
        /// How control over the identifier was shown: well-known, did-auth or manual
        #[arg(long, default_value = "manual")]
        control: Control,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List issuers
    List {
        /// Only those of this account
        #[arg(long)]
        account: Option<i64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End an issuer's intake; its badges stay provable
    Disable {
        /// The issuer's id
        id: i32,
    },
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let now = SystemClock.now();
    match command {
        Command::Add { account, identifier, aliases, control, json } => {
            // before it is stored: a row that spoils the trust file would stop the service
            let newcomer = IssuerEntry {
                identifier: identifier.clone(),
                aliases: aliases.clone(),
                control: published_trust::control(control),
                control_shown_at: now,
            };
            let service = &config.service.id;
            published_trust::check_newcomer(store.as_ref(), service, newcomer, now).await?;
            let account = AccountId(account);
            let added = store.add_issuer(account, &identifier, &aliases, control, now).await;
            let issuer = added.map_err(|error| match error {
                // another administrator was faster
                StoreError::Conflict(why) => anyhow!(why),
                StoreError::NotFound => anyhow!("there is no account {account}"),
                other => other.into(),
            })?;
            print(&issuer, json);
            published_trust::publish(store.as_ref(), service, now).await?;
        }
        Command::List { account, json } => {
            for issuer in store.issuers(account.map(AccountId)).await? {
                print(&issuer, json);
            }
        }
        Command::Disable { id } => {
            store.disable_issuer(IssuerId(id), now).await.map_err(|error| match error {
                StoreError::NotFound => anyhow!("there is no issuer {id}"),
                other => other.into(),
            })?;
            let within = ADMINISTRATION_MEMORY_MS / 1000;
            println!(
                "issuer {id} takes no more badges; the service refuses them within {within} seconds"
            );
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn print(issuer: &Issuer, as_json: bool) {
    let Issuer { id, account, identifier, aliases, control, created_at, disabled_at } = issuer;
    if as_json {
        let line = json!({
            "id": id.0,
            "account": account.0,
            "identifier": identifier,
            "alsoKnownAs": aliases,
            "control": control.name(),
            "createdAt": created_at,
            "disabledAt": disabled_at,
        });
        println!("{line}");
    } else {
        let state = disabled_at.map_or("active".to_owned(), |at| format!("disabled {at}"));
        println!("{id}\taccount {account}\t{identifier}\t{control}\t{state}");
    }
}
