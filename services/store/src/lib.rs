//! What the service keeps, behind one trait with two back ends.
//!
//! Each method is one transaction; none spans a network call. What a method returns is durable.
//! The trait is split by role, one file each; `Arc<dyn Store>` serves all.
#![warn(missing_docs)]

mod administration;
mod audit;
pub mod audit_log;
mod canaries;
mod committer;
mod erasure_journal;
mod error;
pub mod failpoint;
mod fee_samples;
mod following;
pub mod guards;
mod halting;
mod idempotency;
mod intake;
mod lookup;
pub mod minting;
pub mod placement;
mod promises;
mod restoring;
pub mod rows;
pub mod schema;
mod sealing;
mod signing;
pub mod skipping;
mod spending;
pub mod sql;
mod time_source;

pub use administration::{
    Administration, EndedAccount, ReceiptKeyRecord, RegistryRecord, TrustVersion,
};
pub use audit::{AttemptRecord, Audit, OutboxEvent, StoredCounts, TransactionRecord};
pub use audit_log::{AuditLog, HeadRecord, LogRow, WaitingLog};
pub use canaries::Canaries;
pub use committer::{Committer, CommitterLimits, IntakeError};
pub use erasure_journal::{ErasureJournal, ErasureList};
pub use error::StoreError;
pub use fee_samples::{FeeSamples, MAX_FEE_SAMPLES};
pub use following::{DatedFact, Following};
pub use halting::{ConfirmedAt, Halt, HaltReason, Halting};
pub use idempotency::{Claim, Deed, Free, Idempotency, KeptRequest, PRUNED_AT_ONCE, RequestKey};
pub use intake::{Erasure, Intake, MintAnswer, RevocationRequest};
pub use lookup::{BadgeFilter, Lookup};
pub use promises::{Promises, RECENT_MS};
pub use restoring::{OpenRequests, Restoring, SKIPPED_POSITIONS};
pub use sealing::{MintEntry, RangeEntry, Sealing};
pub use signing::{
    Conclusion, Lease, NewTransaction, RevocationItem, RevocationJob, SignerView, Signing,
    WaitingBatch,
};
pub use spending::Spending;
pub use time_source::TimeSource;

/// Largest number of submissions in one [`Intake::accept`].
pub const MAX_ACCEPT: usize = 10_000;
/// Largest page of any list.
pub const MAX_PAGE: u32 = 10_000;

/// The database.
#[async_trait::async_trait]
pub trait Store:
    Intake
    + Lookup
    + Sealing
    + Signing
    + Following
    + FeeSamples
    + Administration
    + Audit
    + Halting
    + Restoring
    + Spending
    + AuditLog
    + Promises
    + Canaries
{
    /// Whether the database answers and has the schema of this program: readiness.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Ends all connections, after the work in hand.
    async fn close(&self);
}
