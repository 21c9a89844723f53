//! Signers, nonces, attempts and what is observed of them.

use proof::{Address, EvmHash, Hash, Timestamp};

use crate::{BatchId, Fees, Inclusion, SignerId, TransactionId};

/// A key with one nonce sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub id: SignerId,
    pub chain_id: u64,
    pub address: Address,
    /// The first nonce that is ours.
    pub base_nonce: u64,
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Anchor the batch's commitment.
    Anchor { batch: BatchId },
    /// Mint the batch's tokens, which anchors its commitment.
    Mint { batch: BatchId },
    /// Set the revocation bits that were assigned to the transaction, all of one batch.
    Revoke { batch: BatchId },
}

impl Purpose {
    /// The batch that it touches.
    #[must_use]
    pub const fn batch(self) -> BatchId {
        match self {
            Self::Anchor { batch } | Self::Mint { batch } | Self::Revoke { batch } => batch,
        }
    }

    /// The name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anchor { .. } => "anchor",
            Self::Mint { .. } => "mint",
            Self::Revoke { .. } => "revoke",
        }
    }
}

/// One signed form of a transaction. It is stored before it is sent; the bytes are never signed
/// again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Keccak-256 of `raw`.
    pub hash: Hash,
    /// The EIP-2718 envelope.
    pub raw: Vec<u8>,
    pub gas_limit: u64,
    pub fees: Fees,
    pub created_at: Timestamp,
    /// Head of the chain when it was made.
    pub created_block: u64,
}

/// A block by number and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub number: u64,
    pub hash: Hash,
}

/// What state at one block says of a transaction's purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The effect is there.
    Present { inclusion: Inclusion },
    /// It is not, and our nonce is still to come: the transaction may be mined yet.
    Pending,
    /// It is not, though the signer's nonce is beyond ours: this nonce is burned.
    Burned,
}

impl Effect {
    /// The name in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Present { .. } => "present",
            Self::Pending => "pending",
            Self::Burned => "burned",
        }
    }
}

/// A fact and the block at which it was read, effect and nonce from the same node at that hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    pub at: Block,
    pub effect: Effect,
    pub observed_at: Timestamp,
}

/// Why a nonce had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BurnReason {
    /// One of our attempts was mined and reverted.
    Reverted,
    /// Another transaction took the nonce.
    Foreign,
}

impl BurnReason {
    /// The name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reverted => "reverted",
            Self::Foreign => "foreign",
        }
    }
}

/// The state of a nonce that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// May be mined; sent again until it is.
    Live,
    /// Its purpose is fulfilled at a final block.
    Confirmed,
    /// Its nonce went by without the effect.
    Burned(BurnReason),
}

/// The effect that a mint must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mint {
    pub collection: Address,
    pub owners_hash: EvmHash,
}

/// A nonce in use, with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTransaction {
    pub id: TransactionId,
    pub nonce: u64,
    pub purpose: Purpose,
    /// The batch's commitment.
    pub commitment: Hash,
    /// The registry of the batch's stream.
    pub registry: Address,
    /// For a mint: the collection, and the owners hash that it must answer.
    pub mint: Option<Mint>,
    /// For a revocation, the leaf indexes; else empty.
    pub revoked_indexes: Vec<u32>,
    /// The earliest deadline of the batch (anchors, mints); the time of request plus the promise
    /// (revocations).
    pub deadline_at: Timestamp,
    /// Oldest first, fees rising strictly.
    pub attempts: Vec<Attempt>,
    /// The oldest observation of the streak of equal facts that still lasts.
    pub observation: Option<Observation>,
}
