//! Once a day the audit log gets a head, which is anchored like a badge.
//!
//! Each step is one transaction and a function of what is stored: a crash anywhere is "the next step
//! was not taken". It runs beside the rounds and needs no lease: where several processes do it, the
//! store takes one head and refuses the others.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Entropy, Stream};
use proof::Timestamp;
use store::{HeadRecord, Store};
use tokio_util::sync::CancellationToken;

use crate::halting::is_restored;
use crate::{Progress, StepError};

/// A row waits this long for a head, and heads are this far apart, in milliseconds.
const EVERY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows that get their places in one transaction.
const PAGE: u32 = 1_000;
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Makes the heads of the audit log.
pub struct LogSealer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    stream: Stream,
}

impl LogSealer {
    /// Heads are stored as badges of `stream`, which anchors.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        stream: Stream,
    ) -> Self {
        Self { store, clock, entropy, stream }
    }

    /// Looks until `stop`. A step that is cut off there is taken again by the next process.
    pub async fn run(self, stop: CancellationToken) {
        let looks = async {
            loop {
                if let Err(error) = self.round().await {
                    tracing::warn!(%error, "the audit log was not sealed; it is tried again");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = looks => {}
        }
    }

    /// A head, if one is due.
    ///
    /// # Errors
    /// What kept it from being made; the next round takes it again.
    pub async fn round(&self) -> Result<Progress, StepError> {
        let now = self.clock.now();
        let store = self.store.as_ref();
        // a head takes a position, as every badge
        let is_restored = is_restored(store, self.stream.chain_id).await?;
        if is_restored || !is_due(store, now).await? {
            return Ok(Progress::Idle);
        }
        let made = seal_log(store, &self.stream, self.entropy.as_ref(), now).await?;
        Ok(if made.is_some() { Progress::Moved } else { Progress::Idle })
    }
}

/// Whether a row waits long enough, and the last head is old enough.
async fn is_due(store: &dyn Store, now: Timestamp) -> Result<bool, StepError> {
    let last = store.last_head().await?;
    if last.as_ref().is_some_and(|last| (0..EVERY_MS).contains(&now.since(last.head.made_at))) {
        return Ok(false);
    }
    let waiting = waiting(store, last.as_ref()).await?;
    Ok(waiting.since.is_some_and(|since| now.since(since) >= EVERY_MS))
}

/// Rows that the last head does not cover, but for those that tell of that head's own way to the
/// chain: of these alone no head is made, or an idle service would anchor for ever.
pub(crate) async fn waiting(
    store: &dyn Store,
    last: Option<&HeadRecord>,
) -> Result<store::WaitingLog, StepError> {
    let Some(last) = last else { return Ok(store.waiting_log(0, None).await?) };
    let batch = store.badge(last.position).await?.and_then(|entry| entry.batch);
    Ok(store.waiting_log(last.head.size, batch.map(|batch| batch.id)).await?)
}

/// Gives all rows their places and makes a head over them, whether or not one is due; `None` where
/// the last one covers them all, or another process made one at this moment.
///
/// # Errors
/// The database.
pub async fn seal_log(
    store: &dyn Store,
    stream: &Stream,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<Option<HeadRecord>, StepError> {
    let after = store.last_head().await?.map_or(0, |last| last.head.sequence);
    while store.place_log(PAGE).await? > 0 {}
    let made = store.seal_log(stream, after, entropy.salt(), now).await?;
    if let Some(HeadRecord { head, position }) = &made {
        // whoever keeps this line elsewhere can tell later that nothing before it was changed
        tracing::info!(
            head.sequence, head.size, head.digest = %head.digest(), badge = %position,
            "the audit log has a new head"
        );
    }
    Ok(made)
}
