//! What to ask of which chain, and what it answered.

use proof::{Address, ComputeError, Hash, ProofDocument, Timestamp, TokenId, TrustFile};
use serde::{Deserialize, Serialize};

/// All that [`crate::verify()`] will want to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadingsNeeded {
    /// One for each distinct anchor of the document that the trust file lists.
    pub anchors: Vec<ReadingNeeded>,
    /// For the document's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenReadingNeeded>,
}

/// The answers to [`ReadingsNeeded`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings {
    /// For anchors, in any order.
    pub anchors: Vec<ChainReading>,
    /// For the token.
    pub token: Option<TokenReading>,
}

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

/// The question for a token, to one chain at its head: what [`ReadingNeeded`] asks, for the mint
/// batch and the token's leaf in it, and of the collection `ownersHash(commitment)`, `isValid(id)`
/// and `ownerOf(id)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenReadingNeeded {
    /// At the registry of the collection, by the trust file.
    pub registry: ReadingNeeded,
    /// The collection to call.
    pub contract: Address,
    /// Argument of two of the calls.
    pub id: TokenId,
}

/// The answer to a [`TokenReadingNeeded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenReading {
    /// As asked.
    pub chain_id: u64,
    /// As asked.
    pub contract: Address,
    /// As asked.
    pub id: TokenId,
    /// What came back.
    pub outcome: Result<TokenRead, Unreachable>,
}

/// What a node of the right chain answered about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRead {
    /// The registry on the mint batch, and on the token's leaf in it.
    pub registry: Read,
    /// Whether the collection has minted the batch: `ownersHash(commitment)` is not zero.
    pub minted: bool,
    /// What `isValid(id)` answers: it exists, and is not revoked in the collection's registry.
    pub valid: bool,
    /// What `ownerOf(id)` answers; `None` when it reverts, for there is no such token.
    pub owner: Option<Address>,
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

/// What [`crate::verify()`] will want to know, of registries and collections that the trust file
/// lists. Nothing else may be called. Without anchors while the badge is in no sealed batch, without
/// token while the document has none or another badge's, empty when the inclusion is wrong anyway.
#[must_use]
pub fn readings_needed(document: &ProofDocument, trust: &TrustFile) -> ReadingsNeeded {
    match document.computed() {
        Ok(computed) => ReadingsNeeded {
            anchors: anchors_needed(document, trust, computed.commitment),
            token: token_needed(document, trust),
        },
        Err(ComputeError::Pending) => {
            ReadingsNeeded { anchors: Vec::new(), token: token_needed(document, trust) }
        }
        Err(ComputeError::Inclusion(_)) => ReadingsNeeded::default(),
    }
}

fn anchors_needed(
    document: &ProofDocument,
    trust: &TrustFile,
    commitment: Hash,
) -> Vec<ReadingNeeded> {
    let Some(inclusion) = &document.inclusion else { return Vec::new() };
    let mut needed = Vec::<ReadingNeeded>::new();
    for hint in &document.anchors {
        let needs = ReadingNeeded {
            chain_id: hint.chain_id,
            registry: hint.registry,
            commitment,
            index: inclusion.index,
        };
        if trust.registry(hint.chain_id, &hint.registry).is_some() && !needed.contains(&needs) {
            needed.push(needs);
        }
    }
    needed
}

fn token_needed(document: &ProofDocument, trust: &TrustFile) -> Option<TokenReadingNeeded> {
    let token = document.token.as_ref()?;
    let computed = document.computed_token()?.ok()?;
    let entry = trust.collection(token.chain_id, &token.contract)?;
    let registry = ReadingNeeded {
        chain_id: token.chain_id,
        registry: entry.registry,
        commitment: computed.commitment,
        index: token.inclusion.index,
    };
    Some(TokenReadingNeeded { registry, contract: token.contract, id: token.id })
}
