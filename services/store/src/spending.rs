//! What transactions of a chain use, for the forecast of what its signer needs.

use proof::Timestamp;

use crate::StoreError;

/// Sums over attempts.
#[async_trait::async_trait]
pub trait Spending: Send + Sync {
    /// Gas limits of a chain's transactions with an attempt since `since`, each counted once, in gas.
    async fn gas_since(&self, chain_id: u64, since: Timestamp) -> Result<u64, StoreError>;
}
