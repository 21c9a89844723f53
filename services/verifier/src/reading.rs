//! What to ask of which chain, and what it answered.

use proof::{Address, Hash, ProofDocument, Timestamp, TrustFile};
use serde::{Deserialize, Serialize};

/// One question to one chain, at its head: the node's chain id, `anchored(commitment)`,
/// `revoked(commitment, index)`, and the headers `latest` and `finalized`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadingNeeded {
    /// EIP-155; the node must answer `eth_chainId` with it, or the reading is unreachable.
    pub chain_id: u64,
    /// The contract to call.
    pub registry: Address,
    /// Argument of both calls.
    pub commitment: Hash,
    /// The leaf's place, argument of `revoked`.
    pub index: u64,
}

/// The answer to a [`ReadingNeeded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReading {
    /// As asked.
    pub chain_id: u64,
    /// As asked.
    pub registry: Address,
    /// What came back.
    pub outcome: Result<Read, Unreachable>,
}

/// What a node of the right chain answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Time of the header `finalized`.
    pub finalized_time: Timestamp,
    /// Its number.
    pub finalized_number: u64,
    /// Number of the newest header.
    pub head_number: u64,
    /// The registry's record; `None` when the commitment is not anchored.
    pub anchored: Option<AnchoredRecord>,
    /// Whether the leaf's revocation bit is set.
    pub revoked: bool,
}

/// What `anchored(commitment)` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchoredRecord {
    /// Who anchored.
    pub operator: Address,
    /// The block's time.
    pub time: Timestamp,
    /// `block.number` as the contract saw it.
    pub block_number: u64,
}

/// Why there is no answer: no node, a node of another chain, or no contract. One sentence, without
/// URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

/// What [`crate::verify()`] will want to know: one entry for each distinct anchor of the document
/// that the trust file lists. Nothing else may be called. Empty while the badge is in no sealed
/// batch, or when its inclusion is wrong anyway.
#[must_use]
pub fn readings_needed(document: &ProofDocument, trust: &TrustFile) -> Vec<ReadingNeeded> {
    let (Ok(computed), Some(inclusion)) = (document.computed(), &document.inclusion) else {
        return Vec::new();
    };
    let mut needed = Vec::<ReadingNeeded>::new();
    for hint in &document.anchors {
        let needs = ReadingNeeded {
            chain_id: hint.chain_id,
            registry: hint.registry,
            commitment: computed.commitment,
            index: inclusion.index,
        };
        if trust.registry(hint.chain_id, &hint.registry).is_some() && !needed.contains(&needs) {
            needed.push(needs);
        }
    }
    needed
}
