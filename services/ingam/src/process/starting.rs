//! The parts of a process, each as it is started.

use std::sync::Arc;

use api::{ApiState, StartChecks, TokenSecret};
use chain::Chain;
use domain::{Entropy as _, Stream, SystemEntropy};
use store::{Committer, ErasureJournal};
use worker::Worker;

use super::Process;
use super::checks::Found;
use super::parts::Parts;
use crate::config::{Config, DatabaseUrl};
use crate::listener::Listener;
use crate::signer::ReadySigner;
use crate::{metrics_text, secrets};

/// What the API has that waits for the checks.
pub(super) struct Intake {
    checks: StartChecks,
    canary: api::CanaryRun,
}

impl Process<'_> {
    fn chain(&self) -> Arc<dyn Chain> {
        Arc::clone(&self.chain) as Arc<dyn Chain>
    }

    pub(super) fn start_watch(&self, found: &Found, parts: &mut Parts) {
        let watch = worker::PromiseWatch::new(worker::WatchParts {
            store: Arc::clone(&self.store),
            chain: self.chain(),
            clock: Arc::clone(&self.clock),
            policy: self.config.gate_policy(),
            by_worker: self.role.has_worker(),
            receipt_key: found.receipts.as_ref().map(|(key, _)| Arc::clone(key)),
        });
        let stopping = self.stop.token();
        parts.spawn("watch over the promise", async move {
            watch.run(stopping).await;
            Ok(())
        });
    }

    /// Reads, and whatever needs no new position.
    pub(super) async fn start_api(
        &self,
        found: &Found,
        parts: &mut Parts,
    ) -> anyhow::Result<Option<Intake>> {
        let Some((receipt_key, _)) = &found.receipts else { return Ok(None) };
        let config = self.config;
        let listener = Listener::bind("API", config.api.listen).await?;
        let (committer, ending) =
            Committer::start(Arc::clone(&self.store), found.stream.id, config.api.committer());
        parts.committer = Some(ending);
        let checks = StartChecks::default();
        let state = ApiState {
            store: Arc::clone(&self.store),
            committer,
            erasures: Arc::new(ErasureJournal::open(&config.erasure_journal())?),
            stream: found.stream.clone(),
            receipt_key: Arc::clone(receipt_key),
            clock: Arc::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            token_secret: TokenSecret::new(*secrets::read(&config.token_secret_file())?),
            config: api_config(config),
            chains: vec![self.chain()],
            start_checks: checks.clone(),
        };
        let routes = api::router(state.clone());
        let canary = api::CanaryRun::new(state, routes.clone(), config.promise.canary_ms());
        let stopping = self.stop.token();
        parts.spawn("API", async move {
            listener.serve(routes, stopping).await;
            Ok(())
        });
        Ok(Some(Intake { checks, canary }))
    }

    pub(super) fn open(&self, intake: Intake, parts: &mut Parts) {
        intake.checks.pass();
        let stopping = self.stop.token();
        parts.spawn("canary", async move {
            intake.canary.run(stopping).await;
            Ok(())
        });
    }

    pub(super) async fn start_operations(
        &self,
        metrics: api::MetricsText,
        parts: &mut Parts,
    ) -> anyhow::Result<()> {
        let listener = Listener::bind("operations", self.config.api.operations_listen).await?;
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let router = api::operations_router(store, clock, self.config.gate_policy(), metrics);
        let stopping = self.stop.token();
        parts.spawn("operations listener", async move {
            listener.serve(router, stopping).await;
            Ok(())
        });
        parts.spawn("metrics upkeep", metrics_text::upkeep(self.stop.token()));
        Ok(())
    }

    pub(super) fn start_worker(&self, signer: ReadySigner, stream: &Stream, parts: &mut Parts) {
        let config = self.config;
        let balance = worker::BalanceWatch {
            store: Arc::clone(&self.store),
            chain: self.chain(),
            clock: Arc::clone(&self.clock),
            signer: signer.row.clone(),
            forecast: worker::Forecast {
                mint: config.mint.gas_per_mint(),
                max_priority_fee: config.chain.fees.policy().max_priority_fee,
                days: config.worker.funds_days,
            },
        };
        let stopping = self.stop.token();
        parts.spawn("watch over the balance", async move {
            balance.run(stopping).await;
            Ok(())
        });
        let worker = Worker::new(worker::Parts {
            store: Arc::clone(&self.store),
            chain: self.chain(),
            key: signer.key,
            clock: Arc::clone(&self.clock),
            signer: signer.row,
            holder: lease_holder(config),
            policy: worker_policy(config),
            pace: config.worker.pace(),
        });
        let worker = worker.with_former_keys(signer.former_keys);
        let stopping = self.stop.token();
        parts.spawn("worker", async move {
            worker.run(stopping).await;
            Ok(())
        });
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let sealer = worker::LogSealer::new(store, clock, Arc::new(SystemEntropy), stream.clone());
        let stopping = self.stop.token();
        parts.spawn("audit log", async move {
            sealer.run(stopping).await;
            Ok(())
        });
    }
}

fn worker_policy(config: &Config) -> worker::Policy {
    worker::Policy {
        seal: config.seal.policy(),
        mint_seal: config.mint.policy(config.chain.fees.gas_cap),
        fees: config.chain.fees.policy(),
        anchor_timing: config.seal.timing(config.promise.length_ms()),
        mint_timing: config.mint.timing(),
        max_live: config.worker.max_live_transactions,
    }
}

fn api_config(config: &Config) -> api::ApiConfig {
    api::ApiConfig {
        public_url: config.service.public_url.clone(),
        min_lead_ms: config.promise.min_lead_ms(),
        at_risk_ms: config.promise.at_risk_ms(),
        batch_badges: config.seal.policy().max_count,
        batches_at_once: config.worker.max_live_transactions as u64,
        limits: config.api.limits(),
        trusted_proxies: config.api.trusted_proxies.clone(),
    }
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
