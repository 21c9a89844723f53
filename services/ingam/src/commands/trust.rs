//! `ingam trust`: publishes the trust file if it changed, and prints it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use domain::{Clock as _, SystemClock};

use crate::cli::ConfigFile;
use crate::{database, published_trust};

/// Publish and print the trust file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write it here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let now = SystemClock.now();
    let (_, file) = published_trust::record(store.as_ref(), &config, now).await?;
    store.close().await;
    let text = format!("{}\n", file.to_json());
    match args.out {
        Some(path) => std::fs::write(&path, text)
            .with_context(|| format!("cannot write {}", path.display()))?,
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}
