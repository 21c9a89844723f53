//! What stops every signer of a chain, and what is taken up again when a chain loses final blocks.

use domain::{Block, SignerId, TransactionId};
use proof::Timestamp;

use crate::{Lease, StoreError};

/// Why no signer of a chain takes a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HaltReason {
    /// Found at a start: the chain knows nonces, or the erasure journal positions, that this database
    /// does not. It may be an older state, whose next positions were given out before: nothing is
    /// taken in either. Only an administrator ends it.
    Restored,
    /// Found while running: a signer's nonce on chain is beyond what is stored. Ends when it no longer
    /// is (a node was wrong), or is adopted.
    Nonces,
    /// This block was final and is gone. Ends when a block of this number is final again.
    Finality {
        /// The block's number.
        number: u64,
    },
}

impl HaltReason {
    /// The name in the database and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Nonces => "nonces",
            Self::Finality { .. } => "finality",
        }
    }
}

/// A halt in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Why.
    pub reason: HaltReason,
    /// Since when.
    pub since: Timestamp,
    /// What was found, for people.
    pub detail: String,
}

/// A confirmed transaction and the final block at which its effect was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmedAt {
    /// Which.
    pub transaction: TransactionId,
    /// Its nonce.
    pub nonce: u64,
    /// Where it was seen.
    pub block: Block,
}

/// Halts, and the way back from the loss of a final block.
#[async_trait::async_trait]
pub trait Halting: Send + Sync {
    /// The halts in force on a chain.
    async fn halts(&self, chain_id: u64) -> Result<Vec<Halt>, StoreError>;

    /// Records a halt, with its audit row; the first of a reason stands. Whether it is new.
    async fn halt(&self, halt: &Halt) -> Result<bool, StoreError>;

    /// Ends a halt, with its audit row. Whether there was one.
    async fn resume(
        &self,
        chain_id: u64,
        reason: HaltReason,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The final block that was noted last.
    async fn final_block(&self, chain_id: u64) -> Result<Option<Block>, StoreError>;

    /// Notes a final block in place of the last one.
    async fn note_final(
        &self,
        chain_id: u64,
        block: Block,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A signer's confirmed transactions with a nonce below this one, highest first.
    async fn confirmed_below(
        &self,
        signer: SignerId,
        nonce: u64,
        limit: u32,
    ) -> Result<Vec<ConfirmedAt>, StoreError>;

    /// confirmed → live, and its batch final → in flight, or its revocations carried again: the block
    /// that proved it is gone. Its stored bytes are then sent again, and observed. One transaction.
    ///
    /// # Errors
    /// `Conflict` when it is not confirmed; `StaleLease`.
    async fn reopen(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
