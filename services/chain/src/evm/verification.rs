//! What a verifier reads of a chain, with the three methods that every public node serves:
//! `eth_chainId`, `eth_getBlockByNumber` and `eth_call`. Current state suffices, no logs, receipts
//! or old blocks.

use std::time::Duration;

use alloy::eips::BlockId;
use proof::{Address, EvmHash, Hash, TokenId};

use super::{CALL_LIMIT, Node, NodePolicy, Nodes, RpcUrl, Tag};
use crate::{AnchorFact, ChainError, Header, TokenFact};

/// What one node says, nothing of it judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorReading {
    /// EIP-155 chain id of the node.
    pub chain_id: u64,
    /// The newest header.
    pub head: Header,
    /// The node's `finalized` header.
    pub finalized: Header,
    /// The registry's record at `head`; `None` when the commitment is not anchored.
    pub anchored: Option<AnchorFact>,
    /// Whether the badge at the index is revoked at `head`.
    pub revoked: bool,
}

/// What one node says of a token and its mint batch, nothing of it judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenReading {
    /// The registry on the mint batch, and on the token's leaf in it.
    pub registry: AnchorReading,
    /// The collection's owners hash of the batch; `None` when it has not minted it.
    pub owners_hash: Option<EvmHash>,
    /// What the collection says of the token at `head`.
    pub token: TokenFact,
}

/// Nodes that are read without knowing anything of the chain.
#[derive(Debug)]
pub struct EvmReader(Nodes);

impl EvmReader {
    /// Makes the clients; asks nothing yet. `timeout` is per node, at most 10 seconds.
    ///
    /// # Errors
    /// [`ChainError::Retry`] without any URL.
    pub fn new(urls: &[RpcUrl], timeout: Duration) -> Result<Self, ChainError> {
        let policy = NodePolicy { timeout: timeout.min(CALL_LIMIT), ..NodePolicy::default() };
        Nodes::new(urls, policy, None).map(Self)
    }

    /// Reads, all from one node and at one head. The caller compares the chain id.
    ///
    /// # Errors
    /// [`ChainError::Retry`] when no node answers, [`ChainError::Contract`] when there is no
    /// registry at the address.
    pub async fn read_anchor(
        &self,
        registry: Address,
        commitment: Hash,
        index: u64,
    ) -> Result<AnchorReading, ChainError> {
        self.0.read(|node| read_anchor(node, registry, commitment, index)).await
    }

    /// Reads the token of `index` in the mint batch `commitment`, all from one node and at one head.
    /// The caller compares the chain id.
    ///
    /// # Errors
    /// [`ChainError::Retry`] when no node answers, [`ChainError::Contract`] when there is no
    /// registry or no collection at its address.
    pub async fn read_token(
        &self,
        registry: Address,
        collection: Address,
        commitment: Hash,
        index: u32,
    ) -> Result<TokenReading, ChainError> {
        self.0.read(|node| read_token(node, registry, collection, commitment, index)).await
    }
}

async fn read_anchor(
    node: &Node,
    registry: Address,
    commitment: Hash,
    index: u64,
) -> Result<AnchorReading, ChainError> {
    let chain_id = node.chain_id().await?;
    // read first: what is on the chain of a later head and no newer than this is final, whatever was
    // reorganised between the reads
    let finalized = node.known_header(Tag::Finalized).await?;
    let head = node.known_header(Tag::Latest).await?;
    let at = BlockId::number(head.block.number);
    let anchored = node.anchored(registry, commitment, at).await?;
    let revoked = node.revoked(registry, commitment, index, at).await?;
    Ok(AnchorReading { chain_id, head, finalized, anchored, revoked })
}

async fn read_token(
    node: &Node,
    registry: Address,
    collection: Address,
    commitment: Hash,
    index: u32,
) -> Result<TokenReading, ChainError> {
    let registry = read_anchor(node, registry, commitment, index.into()).await?;
    let at = BlockId::number(registry.head.block.number);
    let owners_hash = node.minted(collection, commitment, at).await?;
    let token = node.token(collection, TokenId::of(commitment, index), at).await?;
    Ok(TokenReading { registry, owners_hash, token })
}
