//! Reading everything once more: what `ingam audit` recomputes.

use domain::{
    Attempt, Batch, BatchId, Position, Purpose, Revocation, Signer, SignerId, Token, TransactionId,
    TransactionState,
};
use proof::{Hash, TileId, Timestamp};

use crate::StoreError;

/// One stored signed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Its row id.
    pub id: i64,
    /// What is stored.
    pub attempt: Attempt,
}

/// A nonce with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRecord {
    /// Its row id.
    pub id: TransactionId,
    /// Whose.
    pub signer: SignerId,
    /// The nonce.
    pub nonce: u64,
    /// What for.
    pub purpose: Purpose,
    /// Of its batch, which may have been split since when the transaction was burned.
    pub commitment: Hash,
    /// How far.
    pub state: TransactionState,
    /// Oldest first.
    pub attempts: Vec<AttemptRecord>,
}

/// An event that receivers are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// Its row id.
    pub id: i64,
    /// Of which batch.
    pub batch: BatchId,
    /// Its name, as `batch.final`.
    pub event: String,
    /// When.
    pub at: Timestamp,
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredCounts {
    /// Badges at rest.
    pub badges: u64,
    /// Positions of badges given out, erased ones included.
    pub positions: u64,
    /// Positions erased.
    pub erased: u64,
    /// Tokens and requests to mint that were not withdrawn.
    pub tokens: u64,
}

/// Pages over all rows.
#[async_trait::async_trait]
pub trait Audit: Send + Sync {
    /// All batches in any state with an id above `after`, by id.
    async fn all_batches(
        &self,
        after: Option<BatchId>,
        limit: u32,
    ) -> Result<Vec<Batch>, StoreError>;

    /// All stored tiles of a batch above `after`, by level and index, as raw bytes with their id
    /// (the bytes may be damaged).
    async fn tiles(
        &self,
        batch: BatchId,
        after: Option<TileId>,
        limit: u32,
    ) -> Result<Vec<(TileId, Vec<u8>)>, StoreError>;

    /// All signers.
    async fn signers(&self) -> Result<Vec<Signer>, StoreError>;

    /// A signer's transactions with a nonce at or above `from_nonce`, by nonce.
    async fn transactions(
        &self,
        signer: SignerId,
        from_nonce: u64,
        limit: u32,
    ) -> Result<Vec<TransactionRecord>, StoreError>;

    /// Positions erased in `from..end`, by position.
    async fn erased(&self, from: Position, end: Position) -> Result<Vec<Position>, StoreError>;

    /// Tokens at positions `from..end` of mint streams, by position, in any state.
    async fn tokens_between(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<Token>, StoreError>;

    /// Revocations of the leaves at positions `from..end`, asked for here or followed from the chain,
    /// by position.
    async fn revocations(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<(Position, Revocation)>, StoreError>;

    /// Outbox events with an id above `after`, by id.
    async fn events(&self, after: i64, limit: u32) -> Result<Vec<OutboxEvent>, StoreError>;

    /// Badges after a position (exclusive) of which more than one token stands, by position.
    async fn badges_with_two_tokens(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError>;

    /// By how many positions the ranges of batches miss, or exceed, what was cut of all streams.
    async fn uncovered(&self) -> Result<u64, StoreError>;

    /// Row counts.
    async fn counts(&self) -> Result<StoredCounts, StoreError>;
}

impl OutboxEvent {
    /// An anchored batch reached its final block.
    pub const BATCH_FINAL: &'static str = "batch.final";
    /// A mint batch did.
    pub const MINT_FINAL: &'static str = "mint.final";
    /// Badges of an anchored batch, or of one to be anchored, were overdue; see
    /// [`crate::Promises::record_breach`].
    pub const PROMISE_OVERDUE: &'static str = "promise.overdue";

    /// The event of a transaction that is confirmed; `None` where receivers are not told.
    #[must_use]
    pub const fn of(purpose: Purpose) -> Option<&'static str> {
        match purpose {
            Purpose::Anchor { .. } => Some(Self::BATCH_FINAL),
            Purpose::Mint { .. } => Some(Self::MINT_FINAL),
            Purpose::Revoke { .. } => None,
        }
    }
}
