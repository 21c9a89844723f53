//! `ingam restore`: goes on from a restored backup.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use domain::SystemClock;
use store::{ErasureJournal, ErasureList};
use worker::Restoring;

use crate::cli::ConfigFile;
use crate::config::Config;
use crate::{database, startup};

/// Go on from a restored backup of the database
///
/// For the time after a backup was restored, with every process of the service stopped. Erases again
/// what was erased since the backup, takes nonces that only the chain knows for used, and leaves out
/// positions that may have been given out. Writes each of these to the audit log. Safe to repeat.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The erasure list (`erasures.log` in service.data_dir) of another replica; may be repeated
    #[arg(long, value_name = "FILE")]
    erasures: Vec<PathBuf>,
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let list = merged(&args, &config).await?;
    let store = database::open(&config.database).await?;
    let restored = async {
        let chain = startup::connect(&config.chain).await?;
        let restoring =
            Restoring { store: store.as_ref(), chain: chain.as_ref(), clock: &SystemClock };
        restoring.replay(&list).await?;
        println!("{} erasures are in force", list.erasures.len());
        anyhow::Ok(restoring.adopt().await?)
    };
    let restored = restored.await;
    store.close().await;
    for line in restored?.lines {
        println!("{line}");
    }
    println!("now `ingam audit`, then start the service");
    Ok(ExitCode::SUCCESS)
}

/// The lists of all replicas. What others erased is added to our own, for the next restore.
async fn merged(args: &Args, config: &Config) -> anyhow::Result<ErasureList> {
    let path = config.erasure_journal();
    let mut list = ErasureJournal::read(&path)?;
    let journal = ErasureJournal::open(&path)?;
    let mut known: HashSet<_> = list.erasures.iter().copied().collect();
    for file in &args.erasures {
        ensure!(file.exists(), "there is no erasure list {}", file.display());
        let other = ErasureJournal::read(file)?;
        list.unreadable.extend(other.unreadable);
        for (position, at) in other.erasures {
            if known.insert((position, at)) {
                journal.append(position, at).await?;
                list.erasures.push((position, at));
            }
        }
    }
    Ok(list)
}
