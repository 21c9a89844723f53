//! `ingam audit seal-log`: a head of the audit log, now.

use std::process::ExitCode;

use domain::{Clock as _, SystemClock, SystemEntropy};
use store::Store;

use crate::config::Config;
use crate::database;

/// Make a head of the audit log now
///
/// The service does so by itself once a day. The head is anchored with the next badges.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(Args {}: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let store = database::open(&config.database).await?;
    let sealed = seal(config, store.as_ref()).await;
    store.close().await;
    sealed
}

async fn seal(config: &Config, store: &dyn Store) -> anyhow::Result<ExitCode> {
    let chain = &config.chain;
    let promise = config.promise.length_ms();
    let stream = store
        .stream(chain.chain_id, chain.registry, &config.service.id, promise, SystemClock.now())
        .await?;
    match worker::seal_log(store, &stream, &SystemEntropy, SystemClock.now()).await? {
        Some(made) => println!(
            "head {} over {} rows: {} (badge {})",
            made.head.sequence,
            made.head.size,
            made.head.digest(),
            made.position
        ),
        None => println!("the newest head covers all rows"),
    }
    Ok(ExitCode::SUCCESS)
}
