//! Collections of badge tokens (ERC-721).

use proof::{Address, Hash, Timestamp};

use crate::{CollectionId, IssuerId, Stream};

/// Batches that a collection holds at most, as its contract says.
pub const MAX_COLLECTION_BATCHES: u64 = 3_072;
/// From so many batches on, the next volume should have been opened.
pub const NEARLY_FULL_COLLECTION_BATCHES: u64 = 2_900;

/// A `BadgeToken` contract that this service mints in. New requests of an issuer go to its newest
/// volume; an issuer without a collection of its own uses the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub id: CollectionId,
    /// Its mint requests in order. Chain, registry and contract stand there.
    pub stream: Stream,
    /// `None`: the operator's, for every issuer without its own.
    pub issuer: Option<IssuerId>,
    /// 1, 2, 3, … of its issuer on its chain.
    pub volume: i32,
    /// Block of its deployment.
    pub from_block: u64,
    /// Keccak-256 of the code at its address, as deployed.
    pub code_hash: Hash,
    pub created_at: Timestamp,
}

/// A collection to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCollection {
    pub chain_id: u64,
    pub registry: Address,
    pub contract: Address,
    pub issuer: Option<IssuerId>,
    pub from_block: u64,
    pub code_hash: Hash,
    /// The service's identifier, as in the anchor stream beside it.
    pub service: String,
    /// Within which a token should be minted, in milliseconds.
    pub promise_ms: i64,
}
