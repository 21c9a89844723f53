//! [`Chain`] over nodes.

use domain::FeeQuote;
use proof::{Address, EvmHash, Hash, TokenId};

use super::preflight::Trial;
use super::reads::CallObject;
use super::standing::Reason;
use super::{CALL_LIMIT, EvmChain, Node, Tag, block_id};
use crate::{
    AnchorFact, At, Awaited, Chain, ChainError, ChainEvent, ContractCall, Header, InclusionHint,
    Outcome, Preflight, SendError, Sent, TokenFact,
};

#[async_trait::async_trait]
impl Chain for EvmChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    async fn head(&self) -> Result<Header, ChainError> {
        self.nodes.head().await
    }

    async fn finalized(&self) -> Result<Header, ChainError> {
        in_time(self.agreed_final()).await
    }

    async fn header(&self, number: u64) -> Result<Option<Header>, ChainError> {
        self.nodes.read(|node| node.header(Tag::Number(number))).await
    }

    async fn nonce(&self, account: Address, at: At) -> Result<u64, ChainError> {
        self.nodes.read(|node| node.nonce(account, block_id(at))).await
    }

    async fn agreed_header(&self, number: u64) -> Result<Option<Header>, ChainError> {
        in_time(self.header_of_enough(number)).await
    }

    async fn agreed_nonce(&self, account: Address) -> Result<u64, ChainError> {
        in_time(self.nonce_of_enough(account)).await
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
        self.nodes.read(|node| node.all_revoked(registry, commitment, indexes, block_id(at))).await
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
        let ask = async |at: usize| {
            let node = &self.nodes.all()[at];
            let events = node.events(contracts, from, to).await?;
            if let Some(block) = node.unknown_block(&events).await? {
                let why =
                    format!("its logs are of another block {} than its headers", block.number);
                self.nodes.accuse(at, Reason::Contradiction, &why);
                return Err(ChainError::Retry(format!("{node}: {why}")));
            }
            Ok(events)
        };
        self.nodes.read_at(ask).await
    }

    async fn announced(
        &self,
        registry: Address,
        from: u64,
        to: u64,
    ) -> Result<Vec<Hash>, ChainError> {
        self.nodes.read(|node| node.announced(registry, from, to)).await
    }

    async fn inclusion_hint(&self, transaction: Hash) -> Result<Option<InclusionHint>, ChainError> {
        self.nodes.read(|node| node.inclusion(transaction)).await
    }

    async fn balance(&self, account: Address) -> Result<u128, ChainError> {
        self.nodes.read(|node| node.balance(account)).await
    }

    async fn fee_quote(&self) -> Result<FeeQuote, ChainError> {
        self.nodes.read(Node::fee_quote).await
    }

    async fn preflight(&self, from: Address, call: &ContractCall) -> Result<Preflight, ChainError> {
        let gas_cap = self.gas_cap;
        self.nodes.read(|node| async move { Trial { node, gas_cap, from, call }.run().await }).await
    }

    async fn outcome(&self, awaited: &Awaited<'_>, at: Hash) -> Result<Outcome, ChainError> {
        in_time(self.outcome_at(awaited, at)).await
    }

    async fn send(&self, raw: &[u8]) -> Result<Sent, SendError> {
        self.send_to_all(raw).await
    }

    async fn code_hash(&self, address: Address) -> Result<Option<Hash>, ChainError> {
        self.nodes.read(|node| node.code_hash(address)).await
    }
}

/// What asks several times ends in time, too.
async fn in_time<T>(answer: impl Future<Output = Result<T, ChainError>>) -> Result<T, ChainError> {
    let nobody = |_| Err(ChainError::Retry("the nodes did not answer in time".to_owned()));
    tokio::time::timeout(CALL_LIMIT, answer).await.unwrap_or_else(nobody)
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
}
