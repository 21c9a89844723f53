//! A running service: what `serve`, `api` and `worker` have in common.
//!
//! Refusals first, then tasks; at a signal, no new work, what is in hand is finished, and before
//! ten seconds are over the process ends, whatever hangs.

mod checks;
mod parts;
mod starting;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use chain::EvmChain;
use domain::{Clock, SystemClock};
use store::Store;

use crate::cli::ConfigFile;
use crate::config::{Config, DatabaseUrl};
use crate::stop::Stop;
use crate::{database, logging, metrics_text};
use parts::Parts;

/// What a process does of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// API and worker.
    Whole,
    Api,
    Worker,
}

/// Options of the processes that sign.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SigningArgs {
    /// Take the signer's key raw, from signer.dev_key_file or INGAM_DEV_KEY: development only
    #[arg(long)]
    pub(crate) insecure_dev_key: bool,
    /// Go on from the signer's present nonce, though this database does not know its past
    #[arg(long)]
    pub(crate) adopt_nonce: bool,
}

/// From the first signal to the end of all tasks; the process is gone before ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(9);

impl Role {
    const fn has_api(self) -> bool {
        matches!(self, Self::Whole | Self::Api)
    }

    const fn has_worker(self) -> bool {
        matches!(self, Self::Whole | Self::Worker)
    }
}

/// Runs until a signal, or until a part of it ends by itself.
///
/// # Errors
/// Every refusal to start, and a part that ended by itself.
pub(crate) async fn run(
    role: Role,
    signing: SigningArgs,
    file: &ConfigFile,
) -> anyhow::Result<ExitCode> {
    let config = file.load()?;
    logging::start(&config.log)?;
    ensure!(
        role == Role::Whole || matches!(config.database.url, DatabaseUrl::Postgres(_)),
        "SQLite serves one process: run `ingam serve`, or use PostgreSQL"
    );
    let metrics = metrics_text::install()?;
    let stop = Stop::on_signals()?;
    let store = database::open(&config.database).await?;
    let process = Process {
        role,
        file,
        signing: &signing,
        config: &config,
        store: Arc::clone(&store),
        chain: Arc::new(EvmChain::new(config.chain.profile())?),
        clock: Arc::new(SystemClock),
        stop: &stop,
    };
    let mut parts = Parts::default();
    let outcome = process.work(metrics, &mut parts).await;
    stop.begin();
    // axum, worker and committer end by themselves; a hang must not keep the process
    let ended = tokio::time::timeout(STOP_WITHIN, async {
        parts.end().await;
        store.close().await;
    });
    if ended.await.is_err() {
        tracing::error!("stopped hard: something did not end within {STOP_WITHIN:?}");
        return Ok(ExitCode::FAILURE);
    }
    tracing::info!("stopped");
    outcome.map(|()| ExitCode::SUCCESS)
}

/// What the parts of a process have in common.
struct Process<'a> {
    role: Role,
    file: &'a ConfigFile,
    signing: &'a SigningArgs,
    config: &'a Config,
    store: Arc<dyn Store>,
    chain: Arc<EvmChain>,
    clock: Arc<dyn Clock>,
    stop: &'a Stop,
}

impl Process<'_> {
    /// Checks, starts, and waits for the end. Where no node answers, a service that ran before
    /// starts with its reads and the watch over the promise; what takes badges in and what sends
    /// follow when the checks are passed.
    async fn work(&self, metrics: api::MetricsText, parts: &mut Parts) -> anyhow::Result<()> {
        let ran_before = self.ran_before().await?;
        if !ran_before {
            // nothing is written down of a chain that is another, or not there
            self.check_registry().await?;
        }
        let found = self.read_database().await?;
        let passed = match self.check(&found).await {
            Ok(signer) => Some(signer),
            Err(error) if ran_before && checks::is_silence(&error) => {
                tracing::error!(
                    "no node of the chain answers: reads start without it, intake and worker when \
                     one does: {error:#}"
                );
                None
            }
            Err(error) => return Err(error),
        };
        self.start_watch(&found, parts);
        let intake = self.start_api(&found, parts).await?;
        self.start_operations(metrics, parts).await?;
        let signer = match passed {
            Some(signer) => signer,
            None => tokio::select! {
                biased;
                ended = parts.until_stopped(self.stop) => return ended,
                passed = self.check_until_answered(&found) => passed?,
            },
        };
        if let Some(intake) = intake {
            self.open(intake, parts);
        }
        if let Some(signer) = signer {
            self.start_worker(signer, &found.stream, parts);
        }
        tracing::info!(config = %self.file.path().display(), role = ?self.role, "started");
        parts.until_stopped(self.stop).await
    }
}
