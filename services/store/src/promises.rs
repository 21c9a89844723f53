//! How the promise stands, and what stays on record of one that was not kept.

use domain::{BreachRecord, Gate, OverdueBatch, Pulse, Seen, Standing};
use proof::{BreachProof, Timestamp};

use crate::StoreError;

/// Between the first and the last batch that [`Standing::least_margin_ms`] looks at, in
/// milliseconds: a week.
pub const RECENT_MS: i64 = 7 * 24 * 3_600_000;

/// Looks at chains, the gate of intake, and breaches. Looks and gates are dated by the database's
/// clock where it has one of its own, so that replicas on several hosts agree.
#[async_trait::async_trait]
pub trait Promises: Send + Sync {
    /// Chains on which badges were ever promised an anchor, by id.
    async fn promised_chains(&self) -> Result<Vec<u64>, StoreError>;

    /// How the promise stands on a chain; `now` is the host's time.
    async fn standing(&self, chain_id: u64, now: Timestamp) -> Result<Standing, StoreError>;

    /// Adds a look at a chain to what is known of it.
    async fn look(
        &self,
        chain_id: u64,
        by_worker: bool,
        seen: Option<Seen>,
        now: Timestamp,
    ) -> Result<Pulse, StoreError>;

    /// Writes down whether intake is open, unless somebody else wrote meanwhile: `was` is what it
    /// was judged from. Whether it was written. Only for a chain that was looked at.
    async fn set_gate(&self, chain_id: u64, was: Gate, gate: Gate) -> Result<bool, StoreError>;

    /// Batches with badges whose deadline is before `now`, that are not seen in a block by then or
    /// became final too late, and that are not on record; by id. Erased badges do not count.
    async fn overdue_batches(
        &self,
        chain_id: u64,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OverdueBatch>, StoreError>;

    /// Puts an overdue batch on record under the next number, with an event for receivers and a line
    /// in the audit log. `None` when it is on record already, by whomever.
    async fn record_breach(
        &self,
        overdue: OverdueBatch,
        noticed_at: Timestamp,
    ) -> Result<Option<i64>, StoreError>;

    /// Breaches that nobody has signed yet, by number.
    async fn unsigned_breaches(&self, limit: u32) -> Result<Vec<BreachRecord>, StoreError>;

    /// Stores the signature of a breach; the first one stands. The key MUST be on record.
    async fn sign_breach(&self, number: i64, proof: &BreachProof) -> Result<(), StoreError>;

    /// Notes of breaches whose batch has become final how they ended; which.
    async fn end_breaches(&self, now: Timestamp) -> Result<Vec<i64>, StoreError>;

    /// Breaches with a number above `after`, by number.
    async fn breaches(&self, after: i64, limit: u32) -> Result<Vec<BreachRecord>, StoreError>;
}
