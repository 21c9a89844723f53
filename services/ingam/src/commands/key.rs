//! `ingam key add|list|revoke`: API keys, directly in the database.

use std::process::ExitCode;

use api::ADMINISTRATION_MEMORY_MS;
use domain::{
    AccountId, ApiKey, ApiKeyRecord, Clock as _, IssuerId, Scopes, SystemClock, SystemEntropy,
};
use proof::{Timestamp, TimestampError};
use serde_json::json;

use crate::cli::ConfigFile;
use crate::database;

/// For rotation: the old key and the new one.
const MAX_ACTIVE: usize = 2;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key; it is shown once
    Add {
        /// Id of the account
        #[arg(long)]
        account: i64,
        /// What it may do: ingest, read, separated by commas
        #[arg(long, default_value = "ingest,read")]
        scopes: Scopes,
        /// Id of an issuer that it may speak for; without, all of the account
        #[arg(long = "issuer", value_name = "ID")]
        issuers: Vec<i32>,
        /// When it ends (RFC 3339)
        #[arg(long, value_name = "TIME", value_parser = time)]
        expires: Option<Timestamp>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List an account's keys by their first characters
    List {
        /// Id of the account
        #[arg(long)]
        account: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End a key now
    Revoke {
        /// Id of the account
        #[arg(long)]
        account: i64,
        /// The key's first characters, as `list` shows them
        shown: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn time(text: &str) -> Result<Timestamp, TimestampError> {
    Timestamp::parse_rfc3339(text)
}

pub(crate) async fn run(command: Command, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let store = database::open(&config.load()?.database).await?;
    let now = SystemClock.now();
    match command {
        Command::Add { account, scopes, issuers, expires, json } => {
            let account = AccountId(account);
            let known = store.accounts().await?;
            anyhow::ensure!(known.iter().any(|one| one.id == account), "no account {account}");
            let own = store.issuers(Some(account)).await?;
            let issuers: Vec<IssuerId> = issuers.into_iter().map(IssuerId).collect();
            for issuer in &issuers {
                let is_own = own.iter().any(|one| one.id == *issuer);
                anyhow::ensure!(is_own, "account {account} has no issuer {issuer}");
            }
            anyhow::ensure!(expires.is_none_or(|end| end > now), "--expires is in the past");
            let same = |key: &&ApiKeyRecord| {
                key.grant(now).is_some() && (key.scopes, &key.issuers) == (scopes, &issuers)
            };
            let active = store.keys(account).await?.iter().filter(same).count();
            anyhow::ensure!(
                active < MAX_ACTIVE,
                "the account has {active} active keys of this kind; revoke one first"
            );
            let key = ApiKey::generate(&SystemEntropy);
            let record = ApiKeyRecord {
                hash: key.hash(),
                account,
                shown: key.shown().to_owned(),
                scopes,
                issuers,
                created_at: now,
                expires_at: expires,
                revoked_at: None,
            };
            store.add_key(&record).await?;
            if json {
                println!("{}", json!({ "key": key.reveal(), "scopes": scopes.to_string() }));
            } else {
                println!("{}", key.reveal());
                eprintln!("Keep it now: it is shown only once.");
            }
        }
        Command::List { account, json } => {
            for key in store.keys(AccountId(account)).await? {
                print(&key, now, json);
            }
        }
        Command::Revoke { account, shown, json } => {
            // as it is listed, or as it was copied from a list
            let shown = shown.trim_end_matches('…');
            let account = AccountId(account);
            let revoked = store.revoke_key(account, shown, now).await?;
            anyhow::ensure!(revoked > 0, "account {account} has no active key {shown}");
            let keys = store.keys(account).await?;
            let (ended, others): (Vec<_>, Vec<_>) =
                keys.iter().partition(|key| key.shown == shown && key.revoked_at == Some(now));
            for key in ended {
                print(key, now, json);
            }
            if !json {
                let left = others.iter().filter(|key| key.grant(now).is_some()).count();
                let within = ADMINISTRATION_MEMORY_MS / 1000;
                println!(
                    "revoked; the service refuses it within {within} seconds. Active keys of \
                     account {account} now: {left}"
                );
            }
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn print(key: &ApiKeyRecord, now: Timestamp, as_json: bool) {
    let active = key.grant(now).is_some();
    if as_json {
        let issuers: Vec<i32> = key.issuers.iter().map(|issuer| issuer.0).collect();
        let line = json!({
            "shown": key.shown,
            "scopes": key.scopes.to_string(),
            "issuers": issuers,
            "active": active,
            "createdAt": key.created_at,
            "expiresAt": key.expires_at,
            "revokedAt": key.revoked_at,
        });
        println!("{line}");
    } else {
        let state = if active { "active" } else { "ended" };
        println!("{}…\t{}\t{state}\t{}", key.shown, key.scopes, key.created_at);
    }
}
