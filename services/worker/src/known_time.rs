//! What time it is at least. A host's clock may be a day behind, and badges that came in before it went
//! wrong would then be left alone until their promise is broken; final blocks tell that it is later.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chain::Chain;
use domain::Clock;
use proof::Timestamp;

/// Between two looks at the chain, in milliseconds.
const LOOK_EVERY_MS: i64 = 60_000;

/// How far the chain is believed beyond the host's clock, in milliseconds: as long as a promise. Times
/// of blocks are what nodes say, and one that is years away must not be stored.
const BELIEVED_MS: i64 = 24 * 60 * 60 * 1_000;

/// The host's time, or that of the final block seen last, whichever is later.
pub(crate) struct KnownTime {
    host: Arc<dyn Clock>,
    chain_ms: AtomicI64,
    /// By the host's clock.
    looked_at: Mutex<Option<Timestamp>>,
}

impl KnownTime {
    pub(crate) const fn by(host: Arc<dyn Clock>) -> Self {
        Self { host, chain_ms: AtomicI64::new(i64::MIN), looked_at: Mutex::new(None) }
    }

    /// Once a minute asks the chain. Without an answer the host's clock is all there is.
    pub(crate) async fn look(&self, chain: &dyn Chain) {
        if !self.is_due() {
            return;
        }
        match chain.finalized().await {
            Ok(header) => {
                // not the latest of all: what was a lie is forgotten with the next look
                self.chain_ms.store(header.time.millis(), Ordering::SeqCst);
            }
            Err(error) => tracing::debug!(%error, "the chain's time is not known"),
        }
    }

    fn is_due(&self) -> bool {
        let now = self.host.now();
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: Timestamp| (0..LOOK_EVERY_MS).contains(&now.since(at));
        let due = !looked_at.is_some_and(recent);
        if due {
            *looked_at = Some(now);
        }
        due
    }
}

impl Clock for KnownTime {
    fn now(&self) -> Timestamp {
        let host = self.host.now();
        let behind = self.chain_ms.load(Ordering::SeqCst).saturating_sub(host.millis());
        host.plus_millis(behind.clamp(0, BELIEVED_MS))
    }
}
