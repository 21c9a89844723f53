//! `ingam audit prove`: a row of the audit log on its way to the chain.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use proof::TrustFile;
use store::{Store, TrustVersion};

use crate::config::Config;
use crate::database;

/// Print the proof of a row of the audit log
///
/// A JSON document of FORMAT.md, section 14. Exit codes: 0 anchored, 3 not yet.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Args {
    /// The row's number
    row: Option<u64>,
    /// The row that tells of this version of the trust file
    #[arg(long, value_name = "N")]
    trust_version: Option<i64>,
}

const NOT_YET: u8 = 3;

pub(crate) async fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let store = database::open(&config.database).await?;
    let proved = prove(&args, store.as_ref()).await;
    store.close().await;
    proved
}

async fn prove(args: &Args, store: &dyn Store) -> anyhow::Result<ExitCode> {
    let row = match (args.row, args.trust_version) {
        (Some(row), _) => row,
        (None, Some(version)) => row_of_version(store, version).await?,
        (None, None) => bail!("give a row or --trust-version"),
    };
    let proof = worker::prove_log_row(store, row).await;
    let Some(proof) = proof.with_context(|| format!("row {row} of the audit log"))? else {
        eprintln!("ingam: no head of the audit log covers row {row} yet");
        return Ok(ExitCode::from(NOT_YET));
    };
    println!("{}", serde_json::to_string_pretty(&proof)?);
    let anchored = !proof.proof.anchors.is_empty();
    Ok(if anchored { ExitCode::SUCCESS } else { ExitCode::from(NOT_YET) })
}

async fn row_of_version(store: &dyn Store, version: i64) -> anyhow::Result<u64> {
    let published = store.trust_version(version).await?;
    let published =
        published.with_context(|| format!("there is no trust file of version {version}"))?;
    let file = TrustFile::parse(published.document.as_bytes())
        .with_context(|| format!("stored trust file, version {version}"))?;
    let subject = TrustVersion::log_subject(version, file.digest());
    let row = store.log_row_of(TrustVersion::PUBLISHED, &subject).await?;
    let row = row.with_context(|| {
        format!("no row of the audit log tells of version {version} as it is stored")
    })?;
    Ok(row.row.number)
}
