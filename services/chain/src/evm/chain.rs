//! [`Chain`] over nodes.

use alloy::primitives::{B256, Bytes, keccak256};
use domain::FeeQuote;
use futures::stream::{self, FuturesUnordered, StreamExt as _, TryStreamExt as _};
use proof::{Address, EvmHash, Hash, TokenId};
use tokio::time::Instant;

use super::preflight::Trial;
use super::reads::CallObject;
use super::send_answers::{classify, together};
use super::{CALL_LIMIT, EvmChain, Finality, LATE_ANSWERS, Node, Tag, block_id};
use crate::{
    AnchorFact, At, Chain, ChainError, ChainEvent, ContractCall, Header, InclusionHint, Preflight,
    SendError, Sent, TokenFact,
};

/// Questions that one node is asked at a time.
const AT_ONCE: usize = 8;

#[async_trait::async_trait]
impl Chain for EvmChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    async fn head(&self) -> Result<Header, ChainError> {
        self.nodes.head().await
    }

    async fn finalized(&self) -> Result<Header, ChainError> {
        let header = self.nodes.read(|node| self.finalized_by(node)).await?;
        self.agreed(header).await
    }

    async fn header(&self, number: u64) -> Result<Option<Header>, ChainError> {
        self.nodes.read(|node| node.header(Tag::Number(number))).await
    }

    async fn nonce(&self, account: Address, at: At) -> Result<u64, ChainError> {
        self.nodes.read(|node| node.nonce(account, block_id(at))).await
    }

    async fn anchored(
        &self,
        registry: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<AnchorFact>, ChainError> {
        self.nodes.read(|node| node.anchored(registry, commitment, block_id(at))).await
    }

    async fn revoked(
        &self,
        registry: Address,
        commitment: Hash,
        indexes: &[u32],
        at: At,
    ) -> Result<Vec<bool>, ChainError> {
        let ask = |node| {
            let answers = indexes.iter().map(move |index| {
                Node::revoked(node, registry, commitment, u64::from(*index), block_id(at))
            });
            stream::iter(answers.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect()
        };
        self.nodes.read(ask).await
    }

    async fn minted(
        &self,
        collection: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<EvmHash>, ChainError> {
        self.nodes.read(|node| node.minted(collection, commitment, block_id(at))).await
    }

    async fn token(
        &self,
        collection: Address,
        id: TokenId,
        at: At,
    ) -> Result<TokenFact, ChainError> {
        self.nodes.read(|node| node.token(collection, id, block_id(at))).await
    }

    async fn batch_count(&self, collection: Address) -> Result<u64, ChainError> {
        self.nodes.read(|node| node.batch_count(collection, block_id(At::Head))).await
    }

    async fn events(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainEvent>, ChainError> {
        self.nodes.read(|node| node.events(contracts, from, to)).await
    }

    async fn inclusion_hint(&self, transaction: Hash) -> Result<Option<InclusionHint>, ChainError> {
        self.nodes.read(|node| node.inclusion(transaction)).await
    }

    async fn fee_quote(&self) -> Result<FeeQuote, ChainError> {
        self.nodes.read(Node::fee_quote).await
    }

    async fn preflight(&self, from: Address, call: &ContractCall) -> Result<Preflight, ChainError> {
        let gas_cap = self.gas_cap;
        self.nodes.read(|node| async move { Trial { node, gas_cap, from, call }.run().await }).await
    }

    async fn send(&self, raw: &[u8]) -> Result<Sent, SendError> {
        let hash = Hash(keccak256(raw).0);
        let mut sends: FuturesUnordered<_> =
            self.nodes.all().iter().map(|node| send_to(node, raw, hash)).collect();
        let mut answers = Vec::new();
        let mut limit = Instant::now() + CALL_LIMIT;
        while let Ok(Some(answer)) = tokio::time::timeout_at(limit, sends.next()).await {
            if answer.is_ok() {
                limit = limit.min(Instant::now() + LATE_ANSWERS);
            }
            answers.push(answer);
        }
        together(answers)
    }

    async fn code_hash(&self, address: Address) -> Result<Option<Hash>, ChainError> {
        self.nodes.read(|node| node.code_hash(address)).await
    }
}

/// A crash in here is a send that may have happened: the same bytes are sent again.
async fn send_to(node: &Node, raw: &[u8], hash: Hash) -> Result<Sent, SendError> {
    if let Err(error) = node.check().await {
        return Err(SendError::Unknown(error.to_string()));
    }
    let bytes = Bytes::copy_from_slice(raw);
    let answer = match node.ask::<B256>("eth_sendRawTransaction", (bytes,)).await {
        Ok(answered) if answered.0 == hash.0 => Ok(Sent::Accepted),
        Ok(answered) => {
            tracing::error!(%node, tx.hash = %hash, %answered, "the node answered another hash");
            Err(SendError::Unknown(format!("{node}: answered another hash")))
        }
        Err(error) => classify(error),
    };
    if let Err(SendError::Unknown(_)) = &answer {
        node.distrust();
    }
    answer
}

impl EvmChain {
    /// For the owner's transactions, which know no cap.
    pub(crate) async fn estimate_gas(
        &self,
        from: Address,
        to: Option<Address>,
        input: &[u8],
    ) -> Result<u64, ChainError> {
        let object = CallObject::new(Some(from), to, input.to_vec());
        self.nodes.read(|node| node.estimate_gas(object.clone())).await
    }

    /// What the call reverts with at the head, `None` where it succeeds; empty where the node does
    /// not tell.
    pub(crate) async fn rehearse(
        &self,
        from: Address,
        to: Option<Address>,
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, ChainError> {
        let object = CallObject::new(Some(from), to, input.to_vec());
        self.nodes.read(|node| node.rehearse(object.clone())).await
    }

    async fn finalized_by(&self, node: &Node) -> Result<Header, ChainError> {
        let head = node.known_header(Tag::Latest).await?;
        let deepest = head.block.number.saturating_sub(self.min_depth);
        if self.finality == Finality::Depth {
            return node.known_header(Tag::Number(deepest)).await;
        }
        let tagged = node.known_header(Tag::Finalized).await?;
        if tagged.block.number <= deepest {
            return Ok(tagged);
        }
        node.known_header(Tag::Number(deepest)).await
    }

    /// No node may name another block of this number. One that has none yet is behind, and one that
    /// keeps silent says nothing: neither may halt what the others agree on.
    async fn agreed(&self, header: Header) -> Result<Header, ChainError> {
        let number = header.block.number;
        // with one node there is nobody to disagree
        if self.nodes.all().len() == 1 {
            return Ok(header);
        }
        let asked = self.nodes.all().iter().map(|node| async move {
            node.check().await?;
            node.header(Tag::Number(number)).await
        });
        // each has its own limit: a silent one must not hide what another says
        let asked = asked.map(|answer| tokio::time::timeout(CALL_LIMIT, answer));
        for answer in futures::future::join_all(asked).await {
            if let Ok(Ok(Some(other))) = answer
                && other.block != header.block
            {
                return Err(ChainError::Retry(format!("nodes disagree about block {number}")));
            }
        }
        Ok(header)
    }
}
