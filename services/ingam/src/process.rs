//! A running service: what `serve`, `api` and `worker` have in common.
//!
//! Refusals first, then tasks; at a signal, no new work, what is in hand is finished, and before
//! ten seconds are over the process ends, whatever hangs.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use api::{ApiState, TokenSecret};
use chain::{Chain, EvmChain};
use domain::{Clock, Entropy, Stream, SystemClock, SystemEntropy};
use proof::{ReceiptKey, Timestamp};
use store::{Committer, ErasureJournal, Store};
use tokio::task::{JoinHandle, JoinSet};
use worker::Worker;

use crate::cli::ConfigFile;
use crate::config::{Config, DatabaseUrl};
use crate::listener::Listener;
use crate::stop::Stop;
use crate::{database, logging, metrics_text, published_trust, secrets, signer, startup};

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

/// For submissions that are queued when the listeners have ended.
const COMMIT: Duration = Duration::from_secs(2);

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
    let mut parts = Parts::default();
    let started = start(role, &signing, &config, &store, &stop, metrics, &mut parts).await;
    let outcome = match started {
        Ok(()) => {
            tracing::info!(config = %file.path().display(), ?role, "started");
            parts.until_stopped(&stop).await
        }
        Err(error) => Err(error),
    };
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

/// The tasks of the process.
#[derive(Default)]
struct Parts {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    committer: Option<JoinHandle<()>>,
}

impl Parts {
    fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    async fn until_stopped(&mut self, stop: &Stop) -> anyhow::Result<()> {
        tokio::select! {
            // a part may end on the signal before this sees it
            biased;
            () = stop.begun() => Ok(()),
            Some(ended) = self.tasks.join_next() => match ended {
                Ok((_, Ok(()))) if stop.has_begun() => Ok(()),
                Ok((name, Ok(()))) => bail!("the {name} ended by itself"),
                Ok((name, Err(error))) => Err(error).context(name),
                Err(error) => Err(error).context("a part of the service panicked"),
            },
        }
    }

    async fn end(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok((_, Ok(()))) => {}
                Ok((part, Err(error))) => tracing::error!(part, "ended with an error: {error:#}"),
                Err(error) => tracing::error!(%error, "a part of the service panicked"),
            }
        }
        // it ends with the last request that may use it, after answering what was queued; a client
        // that dawdles holds one, and has nothing queued
        let Some(committer) = self.committer.take() else { return };
        if let Ok(Err(error)) = tokio::time::timeout(COMMIT, committer).await {
            tracing::error!(%error, "the committer panicked");
        }
    }
}

async fn start(
    role: Role,
    signing: &SigningArgs,
    config: &Config,
    store: &Arc<dyn Store>,
    stop: &Stop,
    metrics: api::MetricsText,
    parts: &mut Parts,
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let chain = startup::connect(&config.chain).await?;
    startup::check_registry(chain.as_ref(), store.as_ref(), &config.chain, clock.now()).await?;
    let receipt_key = if role.has_api() {
        let key = receipt_key(config, store.as_ref(), chain.as_ref(), clock.now()).await?;
        Some(Arc::new(key))
    } else {
        None
    };
    let stream = store
        .stream(
            config.chain.chain_id,
            config.chain.registry,
            &config.service.id,
            config.promise.length_ms(),
            clock.now(),
        )
        .await?;
    let restoring =
        worker::Restoring { store: store.as_ref(), chain: chain.as_ref(), clock: clock.as_ref() };
    // before anything is served
    let ahead = restoring.replay(&ErasureJournal::read(&config.erasure_journal())?).await?;
    let mut signer = None;
    if role.has_worker() {
        startup::check_collections(chain.as_ref(), store.as_ref(), &config.chain).await?;
        signer = Some(signer::ready(signing, config, chain.as_ref(), store.as_ref()).await?);
    }
    let in_use = signer.as_ref().map(|signer| &signer.row);
    restoring.check(in_use, &ahead, signing.adopt_nonce).await?;
    if let Some(signer) = signer {
        let holder = lease_holder(config);
        let (former_keys, signer_row) = (signer.former_keys, signer.row.clone());
        let worker = Worker::new(worker::Parts {
            store: Arc::clone(store),
            chain: Arc::clone(&chain) as Arc<dyn Chain>,
            key: signer.key,
            clock: Arc::clone(&clock),
            signer: signer.row,
            holder,
            policy: worker::Policy {
                seal: config.seal.policy(),
                mint_seal: config.mint.policy(config.chain.fees.gas_cap),
                fees: config.chain.fees.policy(),
                anchor_timing: config.seal.timing(config.promise.length_ms()),
                mint_timing: config.mint.timing(),
                max_live: config.worker.max_live_transactions,
            },
            pace: config.worker.pace(),
        });
        let worker = worker.with_former_keys(former_keys);
        let balance = worker::BalanceWatch {
            store: Arc::clone(store),
            chain: Arc::clone(&chain) as Arc<dyn Chain>,
            clock: Arc::clone(&clock),
            signer: signer_row,
            forecast: worker::Forecast {
                mint: config.mint.gas_per_mint(),
                max_priority_fee: config.chain.fees.policy().max_priority_fee,
                days: config.worker.funds_days,
            },
        };
        let stopping = stop.token();
        parts.spawn("watch over the balance", async move {
            balance.run(stopping).await;
            Ok(())
        });
        let stopping = stop.token();
        parts.spawn("worker", async move {
            worker.run(stopping).await;
            Ok(())
        });
        let sealer = worker::LogSealer::new(
            Arc::clone(store),
            Arc::clone(&clock),
            Arc::new(SystemEntropy),
            stream.clone(),
        );
        let stopping = stop.token();
        parts.spawn("audit log", async move {
            sealer.run(stopping).await;
            Ok(())
        });
    }
    let watch = worker::PromiseWatch::new(worker::WatchParts {
        store: Arc::clone(store),
        chain: Arc::clone(&chain) as Arc<dyn Chain>,
        clock: Arc::clone(&clock),
        policy: config.gate_policy(),
        by_worker: role.has_worker(),
        receipt_key: receipt_key.clone(),
    });
    let stopping = stop.token();
    parts.spawn("watch over the promise", async move {
        watch.run(stopping).await;
        Ok(())
    });
    if let Some(receipt_key) = receipt_key {
        let listener = Listener::bind("API", config.api.listen).await?;
        let (committer, ending) =
            Committer::start(Arc::clone(store), stream.id, config.api.committer());
        parts.committer = Some(ending);
        let state = api_state(config, store, &clock, chain, stream, committer, receipt_key)?;
        let routes = api::router(state.clone());
        let canary = api::CanaryRun::new(state, routes.clone(), config.promise.canary_ms());
        let stopping = stop.token();
        parts.spawn("canary", async move {
            canary.run(stopping).await;
            Ok(())
        });
        let stopping = stop.token();
        parts.spawn("API", async move {
            listener.serve(routes, stopping).await;
            Ok(())
        });
    }
    let operations = Listener::bind("operations", config.api.operations_listen).await?;
    let router = api::operations_router(Arc::clone(store), clock, config.gate_policy(), metrics);
    let stopping = stop.token();
    parts.spawn("operations listener", async move {
        operations.serve(router, stopping).await;
        Ok(())
    });
    parts.spawn("metrics upkeep", metrics_text::upkeep(stop.token()));
    Ok(())
}

/// A name of its own for each process that may share the database. The embedded one is locked by its
/// only process, which after a kill takes its own lease up again instead of waiting for its end.
fn lease_holder(config: &Config) -> String {
    match config.database.url {
        DatabaseUrl::Sqlite(_) => "the only process".to_owned(),
        DatabaseUrl::Postgres(_) => {
            let nonce = hex::encode(&SystemEntropy.bytes32()[..8]);
            format!("{}-{nonce}", std::process::id())
        }
    }
}

/// The key that signs receipts, published and in force.
async fn receipt_key(
    config: &Config,
    store: &dyn Store,
    chain: &dyn Chain,
    now: Timestamp,
) -> anyhow::Result<ReceiptKey> {
    let (key, file) = published_trust::record(store, config, now).await?;
    let registry = (config.chain.chain_id, config.chain.registry);
    let head = chain.head().await?.block.number;
    published_trust::check_in_force(&file, &key.key_id(), registry, head, now)?;
    Ok(key)
}

fn api_state(
    config: &Config,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    chain: Arc<EvmChain>,
    stream: Stream,
    committer: Committer,
    receipt_key: Arc<ReceiptKey>,
) -> anyhow::Result<ApiState> {
    let token_secret = TokenSecret::new(*secrets::read(&config.token_secret_file())?);
    Ok(ApiState {
        store: Arc::clone(store),
        committer,
        erasures: Arc::new(ErasureJournal::open(&config.erasure_journal())?),
        stream,
        receipt_key,
        clock: Arc::clone(clock),
        entropy: Arc::new(SystemEntropy),
        token_secret,
        config: api::ApiConfig {
            public_url: config.service.public_url.clone(),
            min_lead_ms: config.promise.min_lead_ms(),
            at_risk_ms: config.promise.at_risk_ms(),
            batch_badges: config.seal.policy().max_count,
            batches_at_once: config.worker.max_live_transactions as u64,
            limits: config.api.limits(),
            trusted_proxies: config.api.trusted_proxies.clone(),
        },
        chains: vec![chain],
    })
}
