//! Badges of the service's own, sent to see that all still works.

use domain::{Canary, Position};
use proof::{Hash, Timestamp};

use crate::StoreError;

/// Canaries, at most one an interval over all replicas and restarts.
#[async_trait::async_trait]
pub trait Canaries: Send + Sync {
    /// Notes the intent to send one with this digest, if one is due by
    /// [`domain::canary_is_due`]. `company`: other badges wait that will share its batch. Only for a
    /// chain that was looked at ([`crate::Promises::look`]).
    async fn begin_canary(
        &self,
        chain_id: u64,
        digest: Hash,
        now: Timestamp,
        interval_ms: i64,
        company: bool,
    ) -> Result<Option<Canary>, StoreError>;

    /// The chain's canaries whose proof was not verified yet, newest first.
    async fn pending_canaries(&self, chain_id: u64, limit: u32) -> Result<Vec<Canary>, StoreError>;

    /// The newest canary of a chain whose proof was verified.
    async fn last_canary(&self, chain_id: u64) -> Result<Option<Canary>, StoreError>;

    /// Where it was accepted; a repeat changes nothing.
    async fn canary_accepted(&self, id: i64, position: Position) -> Result<(), StoreError>;

    /// Its proof was verified; the first time stands.
    async fn canary_verified(&self, id: i64, at: Timestamp) -> Result<(), StoreError>;
}
