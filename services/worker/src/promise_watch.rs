//! Looks after the promise beside the rounds: how the chain is, how much time is left, whether
//! intake is open, and what is overdue.
//!
//! It runs in every process, with or without a worker, and holds nothing that matters: what it
//! learns stands in the database, and of several processes the first one writes.

use std::sync::Arc;
use std::time::Duration;

use chain::{Chain, ChainError};
use domain::{Alarm, Clock, Clocks, Gate, GatePolicy, Seen, Standing, StreamKind, Thresholds};
use proof::{ReceiptKey, Timestamp};
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::halting::is_restored;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A node that has not answered by then has not answered. Nodes have limits of their own; nothing
/// below may wait for one that has none.
const LOOK_LIMIT: Duration = Duration::from_secs(30);
/// Breaches of one round.
const AT_ONCE: u32 = 100;

/// What a watch is made of.
pub struct WatchParts {
    pub store: Arc<dyn Store>,
    pub chain: Arc<dyn Chain>,
    pub clock: Arc<dyn Clock>,
    pub policy: GatePolicy,
    /// Whether this process also anchors.
    pub by_worker: bool,
    /// Signs breaches, where this process has it. A worker alone has not: it records, and a process
    /// of the API signs.
    pub receipt_key: Option<Arc<ReceiptKey>>,
}

/// One process's watch over the promise on its chain.
pub struct PromiseWatch {
    parts: WatchParts,
    /// What was said last, so that it is said once.
    alarm: Option<Alarm>,
    clocks_disagree: bool,
}

impl PromiseWatch {
    #[must_use]
    pub const fn new(parts: WatchParts) -> Self {
        Self { parts, alarm: None, clocks_disagree: false }
    }

    /// Looks until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let rounds = async {
            loop {
                if let Err(error) = self.round().await {
                    tracing::error!(%error, "the promise was not looked after; again in a moment");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        // a round may be left at any point: each of its steps is one transaction
        tokio::select! {
            () = stop.cancelled() => {}
            () = rounds => {}
        }
    }

    /// One look at the chain and all that follows from it.
    ///
    /// # Errors
    /// The database. A chain that does not answer is a finding, not an error.
    pub async fn round(&mut self) -> Result<Standing, StoreError> {
        let standing = self.look().await?;
        self.compare_clocks(&standing.clocks);
        self.alarm(&standing);
        self.judge(&standing).await?;
        let WatchParts { store, clock, .. } = &self.parts;
        // while a clock may be wrong, nobody is told of a breach that may be none; and what an older
        // database calls overdue may be anchored, perhaps in other ranges
        if standing.clocks.settled && !is_restored(store.as_ref(), standing.chain_id).await? {
            self.record(&standing).await?;
        }
        self.sign().await?;
        if standing.breaches > 0 {
            for number in store.end_breaches(clock.now()).await? {
                tracing::warn!(breach.number = number, "overdue badges are anchored now");
            }
        }
        Ok(standing)
    }

    async fn look(&self) -> Result<Standing, StoreError> {
        let WatchParts { store, chain, clock, by_worker, .. } = &self.parts;
        let chain_id = chain.chain_id();
        let seen = seen(chain.as_ref()).await;
        store.look(chain_id, *by_worker, seen, clock.now()).await?;
        store.standing(chain_id, clock.now()).await
    }

    fn compare_clocks(&mut self, clocks: &Clocks) {
        let disagree = clocks.disagree();
        if disagree && !self.clocks_disagree {
            tracing::error!(
                host = %clocks.host, database = ?clocks.database, chain = ?clocks.chain,
                spread_ms = clocks.spread_ms(),
                "clocks disagree: the later one counts for what is left, the earlier one for what is overdue"
            );
        } else if self.clocks_disagree && !disagree {
            tracing::info!("clocks agree again");
        }
        self.clocks_disagree = disagree;
    }

    fn alarm(&mut self, standing: &Standing) {
        let alarm = standing.alarm(&Thresholds::of(self.parts.policy.promise_ms));
        if alarm == self.alarm {
            return;
        }
        let left_ms = standing.stuck_margin_ms().or(standing.margin_ms());
        let open = standing.open;
        match alarm {
            Some(Alarm::Warn) => {
                tracing::warn!(left_ms, open, "a deadline is near: 6 hours of 24 are left");
            }
            Some(Alarm::Page) => {
                tracing::error!(left_ms, open, "a deadline is near: 4 hours of 24 are left");
            }
            Some(Alarm::Decide) => {
                tracing::error!(left_ms, open, "a deadline is very near: 1 hour of 24 is left");
            }
            None => tracing::info!(left_ms, open, "no deadline is near any more"),
        }
        if let Some(alarm) = alarm {
            metrics::counter!("ingam_promise_alarms_total", "level" => alarm.name()).increment(1);
        }
        self.alarm = alarm;
    }

    async fn judge(&self, standing: &Standing) -> Result<(), StoreError> {
        let WatchParts { store, policy, .. } = &self.parts;
        let gate = policy.judge(standing.gate, standing);
        if gate == standing.gate || !store.set_gate(standing.chain_id, standing.gate, gate).await? {
            return Ok(());
        }
        match gate {
            Gate::Open => tracing::info!(chain_id = standing.chain_id, "intake is open again"),
            Gate::Closed { reason, .. } => tracing::error!(
                chain_id = standing.chain_id, %reason, open = standing.open,
                left_ms = standing.margin_ms(), "intake is closed: {}", reason.sentence()
            ),
        }
        Ok(())
    }

    /// Cuts what is overdue and still in no batch, as a worker would have done long ago, and puts
    /// overdue batches on record.
    async fn record(&self, standing: &Standing) -> Result<(), StoreError> {
        let WatchParts { store, clock, policy, .. } = &self.parts;
        let now = standing.clocks.earliest();
        let overdue = |deadline: Option<Timestamp>| deadline.is_some_and(|it| it < now);
        if overdue(standing.next_deadline_at) {
            for view in store.streams().await? {
                let ours = view.stream.kind == StreamKind::Anchor
                    && view.stream.chain_id == standing.chain_id;
                if ours && overdue(view.open_deadline_at) {
                    let count = view.open().min(policy.batch_badges);
                    let end = view.open_from.plus(count);
                    store.cut(view.stream.id, view.open_from, end, clock.now()).await?;
                }
            }
        }
        for overdue in store.overdue_batches(standing.chain_id, now, AT_ONCE).await? {
            let Some(number) = store.record_breach(overdue, now).await? else { continue };
            metrics::counter!("ingam_promise_breaches_total").increment(1);
            tracing::error!(
                breach.number = number, batch.id = %overdue.batch, badges = overdue.badges,
                deadline_at = %overdue.deadline_at, "a promise is broken: badges are overdue"
            );
        }
        Ok(())
    }

    /// A crash before a signature is stored leaves the breach unsigned; the next round signs it.
    async fn sign(&self) -> Result<(), StoreError> {
        let WatchParts { store, receipt_key, .. } = &self.parts;
        let Some(key) = receipt_key else { return Ok(()) };
        for breach in store.unsigned_breaches(AT_ONCE).await? {
            let signed = key.state_breach(breach.statement());
            store.sign_breach(breach.number, &signed.proof).await?;
        }
        Ok(())
    }
}

/// Head and finalized block, if a node tells its head. Finality that nodes do not tell or do not agree
/// on has not moved; the chain is there all the same.
async fn seen(chain: &dyn Chain) -> Option<Seen> {
    let head = told("head", chain.head()).await?;
    let finalized = told("finalized block", chain.finalized()).await;
    Some(Seen {
        head: head.block.number,
        head_time: head.time,
        finalized: finalized.map_or(0, |it| it.block.number),
    })
}

async fn told<T>(what: &str, answer: impl Future<Output = Result<T, ChainError>>) -> Option<T> {
    let answer = tokio::time::timeout(LOOK_LIMIT, answer).await.ok()?;
    answer.inspect_err(|error| tracing::debug!(%error, what, "the chain was not seen")).ok()
}
