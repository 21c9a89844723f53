//! A block that was final stays where it is for ever. When one does not, no signer of the chain takes
//! a nonce until a block of its number is final again; what it had proved is live again, and observed
//! anew. Beside the rounds, so that it is seen while there is nothing to do, too.

use std::sync::Arc;
use std::time::Duration;

use chain::Chain;
use domain::Clock;
use store::{Halt, HaltReason, Store};
use tokio_util::sync::CancellationToken;

use crate::StepError;

/// Between two looks. A halt that comes a little later is no worse: all that is taken meanwhile is
/// observed and concluded by the same rules.
const EVERY: Duration = Duration::from_secs(15);

/// Looks whether the final block that was noted last is still there.
pub struct FinalityWatch {
    store: Arc<dyn Store>,
    chain: Arc<dyn Chain>,
    clock: Arc<dyn Clock>,
}

impl FinalityWatch {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, chain: Arc<dyn Chain>, clock: Arc<dyn Clock>) -> Self {
        Self { store, chain, clock }
    }

    /// Looks until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "finality could not be checked; it will be");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One look: notes a later final block, or records a halt.
    ///
    /// # Errors
    /// Chain or database did not answer; nothing is concluded from that.
    pub async fn look(&self) -> Result<(), StepError> {
        let chain_id = self.chain.chain_id();
        self.compare(chain_id).await?;
        let halts = self.store.halts(chain_id).await?;
        for name in ["restored", "nonces", "finality"] {
            let halted = halts.iter().any(|halt| halt.reason.name() == name);
            let labels = [("chain", chain_id.to_string()), ("reason", name.to_owned())];
            metrics::gauge!("ingam_signers_halted", &labels).set(f64::from(u8::from(halted)));
        }
        for halt in halts {
            tracing::error!(
                chain.id = chain_id, reason = halt.reason.name(), since = %halt.since,
                detail = halt.detail, "the signers of this chain are halted"
            );
        }
        Ok(())
    }

    async fn compare(&self, chain_id: u64) -> Result<(), StepError> {
        let now = self.clock.now();
        let finalized = self.chain.finalized().await?.block;
        let Some(noted) = self.store.final_block(chain_id).await? else {
            return Ok(self.store.note_final(chain_id, finalized, now).await?);
        };
        // nodes that lag do not have it, and one alone may lie: neither says anything
        let Some(header) = self.chain.agreed_header(noted.number).await? else { return Ok(()) };
        if header.block == noted {
            if finalized.number > noted.number {
                self.store.note_final(chain_id, finalized, now).await?;
            }
            return Ok(());
        }
        let halt = Halt {
            chain_id,
            reason: HaltReason::Finality { number: noted.number },
            since: now,
            detail: format!(
                "block {} was final with hash {}, and now has hash {}",
                noted.number, noted.hash, header.block.hash
            ),
        };
        self.store.halt(&halt).await?;
        Ok(())
    }
}
