//! Samples the base fee beside the rounds, so that a slow node keeps nothing else waiting.

use std::sync::Arc;
use std::time::Duration;

use chain::Chain;
use domain::{Clock, FeePolicy, FeeSample};
use store::Store;
use tokio_util::sync::CancellationToken;

use super::{AbsurdFees, HISTORY_MS};
use crate::{Progress, StepError};

/// Between two looks at the clock, and after an error.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Old samples are deleted with every twelfth slot: each hour.
const PRUNE_EVERY_SLOTS: i64 = 12;

/// Stores one sample for each slot of five minutes. Replicas may do the same: the first of a slot
/// stands.
pub struct FeeSampler {
    store: Arc<dyn Store>,
    chain: Arc<dyn Chain>,
    clock: Arc<dyn Clock>,
    policy: FeePolicy,
    /// The last slot that has its sample.
    done: Option<i64>,
    absurd: AbsurdFees,
}

impl FeeSampler {
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        chain: Arc<dyn Chain>,
        clock: Arc<dyn Clock>,
        policy: FeePolicy,
    ) -> Self {
        Self { store, chain, clock, policy, done: None, absurd: AbsurdFees::default() }
    }

    /// Rounds until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let rounds = async {
            loop {
                if let Err(error) = self.round().await {
                    tracing::warn!(%error, "no sample of the base fee");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = rounds => {}
        }
    }

    /// Takes the sample of this slot, unless it is there. An absurd base fee is none: the next look
    /// asks again.
    ///
    /// # Errors
    /// Of the chain and of the database.
    pub async fn round(&mut self) -> Result<Progress, StepError> {
        let slot = FeeSample { at: self.clock.now(), base_fee: 0 }.slot();
        if self.done == Some(slot) {
            return Ok(Progress::Idle);
        }
        let chain_id = self.chain.chain_id();
        let quote = self.chain.fee_quote().await?;
        let believed = self.absurd.believed(&self.policy, quote);
        if believed.base_fee != quote.base_fee {
            return Ok(Progress::Idle);
        }
        // the answer may have taken its time
        let sample = FeeSample { at: self.clock.now(), base_fee: believed.base_fee };
        metrics::gauge!("ingam_base_fee_wei").set(sample.base_fee as f64);
        self.store.record_fee(chain_id, sample).await?;
        if self.done.is_none_or(|last| last / PRUNE_EVERY_SLOTS != slot / PRUNE_EVERY_SLOTS) {
            self.store.prune_fees(chain_id, sample.at.plus_millis(-HISTORY_MS)).await?;
        }
        self.done = Some(sample.slot());
        Ok(Progress::Moved)
    }
}
