//! What the chain asked for lately, and when transactions of a kind were last begun: what waiting for
//! cheap blocks is decided by.

use domain::{FeeSample, StreamKind};
use proof::Timestamp;

use crate::StoreError;

/// Largest answer of [`FeeSamples::fee_samples`]: all slots of eight days, and as many again for
/// times of a clock that was wrong.
pub const MAX_FEE_SAMPLES: u32 = 2 * 8 * 288;

/// Base fees by slots of five minutes ([`domain::FEE_SLOT_MS`]).
#[async_trait::async_trait]
pub trait FeeSamples: Send + Sync {
    /// Stores a sample, clamped; `false` when its slot has one, which stands. So any number of
    /// replicas may sample.
    async fn record_fee(&self, chain_id: u64, sample: FeeSample) -> Result<bool, StoreError>;

    /// Samples from the slot of `since` on, by time, at most [`MAX_FEE_SAMPLES`].
    async fn fee_samples(
        &self,
        chain_id: u64,
        since: Timestamp,
    ) -> Result<Vec<FeeSample>, StoreError>;

    /// Deletes the samples of slots before that of `before`; how many.
    async fn prune_fees(&self, chain_id: u64, before: Timestamp) -> Result<u64, StoreError>;

    /// When the first attempt of the newest transaction was made that anchors (for
    /// [`StreamKind::Anchor`]) or mints (in whatever collection) on this chain.
    async fn last_first_send(
        &self,
        chain_id: u64,
        kind: StreamKind,
    ) -> Result<Option<Timestamp>, StoreError>;
}
