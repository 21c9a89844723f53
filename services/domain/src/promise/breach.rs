//! What stays on record of a promise that was not kept in time.

use proof::{Address, Breach, BreachProof, BreachStatement, Hash, Timestamp};

use crate::BatchId;

/// A batch with badges that are overdue, of which nothing is on record yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverdueBatch {
    pub batch: BatchId,
    /// Badges whose deadline has passed and that were not erased; at least 1.
    pub badges: u64,
    /// The earliest deadline among them.
    pub deadline_at: Timestamp,
}

/// An overdue batch on record. Never deleted; an erasure does not touch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachRecord {
    /// 1, 2, 3, … without gaps.
    pub number: i64,
    pub service: String,
    pub chain_id: u64,
    pub registry: Address,
    pub overdue: OverdueBatch,
    /// The batch's, if it was sealed when this was noticed.
    pub commitment: Option<Hash>,
    /// By the earliest clock.
    pub noticed_at: Timestamp,
    /// `None` until a process that holds the receipt key has seen it.
    pub proof: Option<BreachProof>,
    /// How it ended; `None` while the batch is not final.
    pub ended: Option<BreachEnd>,
    /// The batch's, as soon as it is sealed.
    pub batch_commitment: Option<Hash>,
}

/// How a breach ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreachEnd {
    /// Time of the block that anchored the batch.
    pub anchored_at: Timestamp,
    /// When the service knew that block to be final.
    pub final_at: Timestamp,
    /// Badges of the batch that were anchored after their deadlines, and not erased by then.
    pub late: u64,
}

impl BreachRecord {
    /// What is signed of it.
    #[must_use]
    pub fn statement(&self) -> BreachStatement {
        BreachStatement {
            service: self.service.clone(),
            number: self.number.unsigned_abs(),
            chain_id: self.chain_id,
            registry: self.registry,
            badges: self.overdue.badges,
            commitment: self.commitment,
            deadline_at: self.overdue.deadline_at,
            noticed_at: self.noticed_at,
        }
    }

    /// The statement under its signature, once it is signed.
    #[must_use]
    pub fn signed(&self) -> Option<Breach> {
        self.proof.map(|proof| Breach { statement: self.statement(), proof })
    }
}
