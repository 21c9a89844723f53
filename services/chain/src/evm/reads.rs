//! What is asked of a node, and what its answers are taken for.

use alloy::eips::BlockId;
use alloy::primitives::{B256, Bytes, U64, U128, U256, keccak256};
use alloy::sol_types::SolCall;
use domain::{Block, FeeQuote};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use proof::{Address, Hash, Timestamp};
use serde::{Deserialize, Serialize};

use super::reverts::revert_data;
use super::{Node, NodeError};
use crate::contract::AnchorRegistry;
use crate::{AnchorFact, At, ChainError, Header, InclusionHint};

/// Questions that one node is asked at a time.
const AT_ONCE: usize = 8;

/// Which header.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tag {
    Latest,
    Finalized,
    Number(u64),
}

impl Tag {
    fn parameter(self) -> String {
        match self {
            Self::Latest => "latest".to_owned(),
            Self::Finalized => "finalized".to_owned(),
            Self::Number(number) => format!("{number:#x}"),
        }
    }
}

/// A block by hash must be canonical (EIP-1898): a reorged-out state is no state.
pub(crate) fn block_id(at: At) -> BlockId {
    match at {
        At::Head => BlockId::latest(),
        At::Block(hash) => BlockId::from((B256::from(hash.0), Some(true))),
    }
}

/// The members of a header that count; chains differ in the others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcHeader {
    number: U64,
    hash: B256,
    timestamp: U64,
    base_fee_per_gas: Option<U128>,
}

impl RpcHeader {
    fn header(&self) -> Header {
        let block = Block { number: self.number.to(), hash: Hash(self.hash.0) };
        Header { block, time: Timestamp::from_block_seconds(self.timestamp.to()) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcReceipt {
    block_number: Option<U64>,
    block_hash: Option<B256>,
    status: Option<U64>,
}

/// `eth_call` and `eth_estimateGas`, without fees: what a call costs is looked at separately.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CallObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<alloy::primitives::Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<alloy::primitives::Address>,
    data: Bytes,
    /// The standard's name since 2023; older nodes know `data` alone.
    input: Bytes,
}

impl CallObject {
    /// `to` is `None` for a deployment.
    pub(super) fn new(from: Option<Address>, to: Option<Address>, data: Vec<u8>) -> Self {
        let evm = |address: Address| address.0.into();
        let data = Bytes::from(data);
        Self { from: from.map(evm), to: to.map(evm), input: data.clone(), data }
    }

    pub(super) fn input(&self) -> &[u8] {
        &self.input
    }
}

impl Node {
    pub(crate) async fn chain_id(&self) -> Result<u64, ChainError> {
        Ok(self.ask::<U64>("eth_chainId", ()).await?.to())
    }

    async fn rpc_header(&self, tag: Tag) -> Result<Option<RpcHeader>, ChainError> {
        let header: Option<RpcHeader> =
            self.ask("eth_getBlockByNumber", (tag.parameter(), false)).await?;
        match (&header, tag) {
            (Some(header), Tag::Number(number)) if header.number.to::<u64>() != number => {
                Err(ChainError::Retry(format!("{self}: answered with another block's header")))
            }
            _ => Ok(header),
        }
    }

    /// `None`: the node knows no such block.
    pub(crate) async fn header(&self, tag: Tag) -> Result<Option<Header>, ChainError> {
        Ok(self.rpc_header(tag).await?.map(|header| header.header()))
    }

    /// As [`Self::header`] for a block that every node has.
    pub(crate) async fn known_header(&self, tag: Tag) -> Result<Header, ChainError> {
        let header = self.header(tag).await?;
        header.ok_or_else(|| ChainError::Retry(format!("{self}: has no {} block", tag.parameter())))
    }

    pub(crate) async fn nonce(&self, account: Address, at: BlockId) -> Result<u64, ChainError> {
        let account = alloy::primitives::Address::from(account.0);
        Ok(self.ask::<U64>("eth_getTransactionCount", (account, at)).await?.to())
    }

    pub(super) async fn balance(&self, account: Address) -> Result<u128, ChainError> {
        let account = alloy::primitives::Address::from(account.0);
        let wei: U256 = self.ask("eth_getBalance", (account, BlockId::latest())).await?;
        Ok(wei.saturating_to())
    }

    pub(super) async fn estimate_gas(&self, call: CallObject) -> Result<u64, ChainError> {
        Ok(self.ask::<U64>("eth_estimateGas", (call,)).await?.to())
    }

    /// See [`super::EvmChain::rehearse`].
    pub(super) async fn rehearse(&self, call: CallObject) -> Result<Option<Vec<u8>>, ChainError> {
        let answer: Result<Bytes, NodeError> =
            self.ask("eth_call", (call, BlockId::latest())).await;
        match answer {
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(revert_data(error)?)),
        }
    }

    pub(super) async fn fee_quote(&self) -> Result<FeeQuote, ChainError> {
        let header = self.rpc_header(Tag::Latest).await?;
        let base_fee = header.and_then(|header| header.base_fee_per_gas).ok_or_else(|| {
            ChainError::Retry(format!("{self}: the newest header has no base fee"))
        })?;
        let priority_fee: U256 = self.ask("eth_maxPriorityFeePerGas", ()).await?;
        Ok(FeeQuote { base_fee: base_fee.to(), priority_fee: priority_fee.saturating_to() })
    }

    pub(crate) async fn code_hash(&self, address: Address) -> Result<Option<Hash>, ChainError> {
        let address = alloy::primitives::Address::from(address.0);
        let code: Bytes = self.ask("eth_getCode", (address, BlockId::latest())).await?;
        Ok((!code.is_empty()).then(|| Hash(keccak256(&code).0)))
    }

    pub(crate) async fn inclusion(
        &self,
        transaction: Hash,
    ) -> Result<Option<InclusionHint>, ChainError> {
        let hash = B256::from(transaction.0);
        let receipt: Option<RpcReceipt> = self.ask("eth_getTransactionReceipt", (hash,)).await?;
        Ok(receipt.and_then(|receipt| {
            let number = receipt.block_number?.to();
            let block = Block { number, hash: Hash(receipt.block_hash?.0) };
            Some(InclusionHint { block, succeeded: receipt.status?.to::<u64>() == 1 })
        }))
    }

    /// Calls a view function of one of our contracts and reads its result strictly.
    pub(super) async fn view<C: SolCall>(
        &self,
        contract: Address,
        call: C,
        at: BlockId,
    ) -> Result<C::Return, ChainError> {
        match self.try_view(contract, call, at).await? {
            Ok(answer) => Ok(answer),
            Err(_) => {
                let signature = C::SIGNATURE;
                Err(ChainError::Contract(format!("{contract}: {signature} reverts")))
            }
        }
    }

    /// As [`Self::view`] for a function that may revert: with which error, empty where the node does
    /// not tell.
    pub(super) async fn try_view<C: SolCall>(
        &self,
        contract: Address,
        call: C,
        at: BlockId,
    ) -> Result<Result<C::Return, Vec<u8>>, ChainError> {
        let object = CallObject::new(None, Some(contract), call.abi_encode());
        let result: Bytes = match self.ask("eth_call", (object, at)).await {
            Ok(result) => result,
            Err(error) => return Ok(Err(revert_data(error)?)),
        };
        if result.is_empty() {
            return Err(ChainError::Contract(format!("no contract at {contract}")));
        }
        let answer = C::abi_decode_returns_validate(&result).map_err(|_| {
            ChainError::Contract(format!("{contract}: {} answers something else", C::SIGNATURE))
        })?;
        Ok(Ok(answer))
    }

    pub(crate) async fn anchored(
        &self,
        registry: Address,
        commitment: Hash,
        at: BlockId,
    ) -> Result<Option<AnchorFact>, ChainError> {
        let call = AnchorRegistry::anchoredCall { commitment: commitment.0.into() };
        let fact = self.view(registry, call, at).await?;
        Ok((!fact.operator.is_zero()).then(|| AnchorFact {
            operator: Address(fact.operator.into_array()),
            time: Timestamp::from_block_seconds(fact.timestamp),
            block_number: fact.blockNumber,
        }))
    }

    /// The bytes of the same answer.
    pub(super) async fn anchored_raw(
        &self,
        registry: Address,
        commitment: Hash,
        at: BlockId,
    ) -> Result<Bytes, NodeError> {
        let call = AnchorRegistry::anchoredCall { commitment: commitment.0.into() };
        self.ask("eth_call", (CallObject::new(None, Some(registry), call.abi_encode()), at)).await
    }

    pub(crate) async fn revoked(
        &self,
        registry: Address,
        commitment: Hash,
        index: u64,
        at: BlockId,
    ) -> Result<bool, ChainError> {
        let call = AnchorRegistry::revokedCall { commitment: commitment.0.into(), index };
        self.view(registry, call, at).await
    }

    /// As [`Self::revoked`] for several, in input order.
    pub(crate) async fn all_revoked(
        &self,
        registry: Address,
        commitment: Hash,
        indexes: &[u32],
        at: BlockId,
    ) -> Result<Vec<bool>, ChainError> {
        let ask = |index: &u32| self.revoked(registry, commitment, u64::from(*index), at);
        let answers: Vec<_> = indexes.iter().map(ask).collect();
        stream::iter(answers).buffered(AT_ONCE).try_collect().await
    }
}
