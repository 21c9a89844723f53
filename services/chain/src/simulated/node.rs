//! The chain as a node tells it: [`Chain`], with the faults that were asked for.

use std::sync::MutexGuard;

use domain::{BlockedReason, FeeQuote};
use proof::{Address, EvmHash, Hash, TokenId};

use super::collection::Collection;
use super::pool::TRANSACTION_GAS_CAP;
use super::world::{SimulatedBlock, World};
use super::{Inner, Read, ReadFault, SendFault, SimulatedChain, SimulatedConfig};
use crate::{
    AnchorFact, At, Chain, ChainError, ChainEvent, ContractCall, Header, InclusionHint, Preflight,
    SendError, Sent, TokenFact, decode, funds,
};

/// One answer of a node, which may lag behind.
struct View<'a> {
    inner: MutexGuard<'a, Inner>,
    height: u64,
    absent: bool,
}

impl View<'_> {
    fn world(&self) -> &World {
        &self.inner.world
    }

    fn block(&self, number: u64) -> Option<&SimulatedBlock> {
        self.world().block(number.min(self.height)).filter(|_| number <= self.height)
    }

    fn head(&self) -> Result<&SimulatedBlock, ChainError> {
        self.block(self.height).ok_or_else(unknown_block)
    }

    /// The block whose state is asked for: canonical, known to the node, and not yet pruned.
    fn at(&self, at: At) -> Result<&SimulatedBlock, ChainError> {
        let At::Block(hash) = at else { return self.head() };
        let known = self.world().blocks().iter().rev().skip_while(|block| {
            block.header.block.number > self.height // a lagging node has not seen it yet
        });
        let kept = usize::try_from(self.world().config.state_blocks).unwrap_or(usize::MAX);
        known.take(kept).find(|block| block.header.block.hash == hash).ok_or_else(unknown_block)
    }

    fn needs_registry(&self, address: Address) -> Result<(), ChainError> {
        let rules = &self.world().rules;
        if address == rules.registry && rules.is_contract(address) {
            return Ok(());
        }
        Err(ChainError::Contract(format!("no registry at {address}")))
    }

    /// What the collection holds at `at`; `None` while it holds nothing.
    fn collection(&self, address: Address, at: At) -> Result<Option<&Collection>, ChainError> {
        if !self.world().rules.collections.contains_key(&address) {
            return Err(ChainError::Contract(format!("no collection at {address}")));
        }
        Ok(self.at(at)?.state.collections.get(&address).filter(|_| !self.absent))
    }
}

fn unknown_block() -> ChainError {
    ChainError::Retry("the node has no such block, or no state of it".to_owned())
}

impl SimulatedChain {
    /// The hash of the registry's code.
    #[must_use]
    pub fn registry_code_hash() -> Hash {
        Hash::of(&[b"the simulated registry"])
    }

    /// The hash of every collection's code.
    #[must_use]
    pub fn collection_code_hash() -> Hash {
        Hash::of(&[b"the simulated collection"])
    }

    fn view(&self, read: Read) -> Result<View<'_>, ChainError> {
        let mut inner = self.lock();
        let fault = inner.faults.take_read(read);
        let height = inner.world.height();
        match fault {
            None => Ok(View { inner, height, absent: false }),
            Some(ReadFault::Stale { blocks }) => {
                Ok(View { inner, height: height.saturating_sub(blocks), absent: false })
            }
            Some(ReadFault::Absent) => match read {
                Read::Header
                | Read::Anchored
                | Read::Minted
                | Read::Token
                | Read::Events
                | Read::InclusionHint
                | Read::CodeHash => Ok(View { inner, height, absent: true }),
                _ => Err(ChainError::Retry("empty answer".to_owned())),
            },
            Some(ReadFault::Unavailable) => Err(ChainError::Retry("no answer".to_owned())),
            Some(ReadFault::WrongChain) => Err(ChainError::WrongChain {
                expected: self.chain_id,
                found: self.chain_id.wrapping_add(1),
            }),
        }
    }
}

#[async_trait::async_trait]
impl Chain for SimulatedChain {
    fn chain_id(&self) -> u64 {
        self.chain_id
    }

    async fn head(&self) -> Result<Header, ChainError> {
        self.pass().await;
        Ok(self.view(Read::Head)?.head()?.header)
    }

    async fn finalized(&self) -> Result<Header, ChainError> {
        self.pass().await;
        let view = self.view(Read::Finalized)?;
        let number = view.world().final_height(view.height);
        Ok(view.block(number).ok_or_else(unknown_block)?.header)
    }

    async fn header(&self, number: u64) -> Result<Option<Header>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Header)?;
        Ok(view.block(number).filter(|_| !view.absent).map(|block| block.header))
    }

    async fn nonce(&self, account: Address, at: At) -> Result<u64, ChainError> {
        self.pass().await;
        Ok(self.view(Read::Nonce)?.at(at)?.state.nonce(account))
    }

    async fn anchored(
        &self,
        registry: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<AnchorFact>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Anchored)?;
        view.needs_registry(registry)?;
        let anchors = &view.at(at)?.state.registry.anchors;
        Ok(anchors.get(&commitment).copied().filter(|_| !view.absent))
    }

    async fn revoked(
        &self,
        registry: Address,
        commitment: Hash,
        indexes: &[u32],
        at: At,
    ) -> Result<Vec<bool>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Revoked)?;
        view.needs_registry(registry)?;
        let registry = &view.at(at)?.state.registry;
        Ok(indexes.iter().map(|index| registry.is_revoked(commitment, *index)).collect())
    }

    async fn minted(
        &self,
        collection: Address,
        commitment: Hash,
        at: At,
    ) -> Result<Option<EvmHash>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Minted)?;
        let collection = view.collection(collection, at)?;
        Ok(collection.and_then(|collection| collection.owners_hash(commitment)))
    }

    async fn token(
        &self,
        collection: Address,
        id: TokenId,
        at: At,
    ) -> Result<TokenFact, ChainError> {
        self.pass().await;
        let view = self.view(Read::Token)?;
        let found = view.collection(collection, at)?.and_then(|collection| collection.owner(id));
        let Some((owner, commitment)) = found else {
            return Ok(TokenFact { owner: None, valid: false });
        };
        let revoked = view.at(at)?.state.registry.is_revoked(commitment, id.index());
        Ok(TokenFact { owner: Some(owner), valid: !revoked })
    }

    async fn batch_count(&self, collection: Address) -> Result<u64, ChainError> {
        self.pass().await;
        let view = self.view(Read::BatchCount)?;
        let held = view.collection(collection, At::Head)?;
        let roles = view.world().rules.collections.get(&collection);
        let fillers = roles.map_or(0, |roles| roles.fillers);
        Ok(fillers + held.map_or(0, Collection::batches))
    }

    async fn events(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainEvent>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Events)?;
        if view.height < to {
            return Err(unknown_block());
        }
        let blocks = view.world().blocks().iter().filter(|_| !view.absent);
        let told = blocks.flat_map(|block| &block.events).chain(&view.inner.faults.invented);
        let mut told: Vec<ChainEvent> = told
            .filter(|told| contracts.contains(&told.contract))
            .filter(|told| (from..=to).contains(&told.block.number))
            .cloned()
            .collect();
        told.sort_by_key(|told| told.block.number);
        Ok(told)
    }

    async fn announced(
        &self,
        registry: Address,
        from: u64,
        to: u64,
    ) -> Result<Vec<Hash>, ChainError> {
        self.pass().await;
        let view = self.view(Read::Events)?;
        view.needs_registry(registry)?;
        if view.height < to {
            return Err(unknown_block());
        }
        let anchors = view.head()?.state.registry.anchors.iter().filter(|_| !view.absent);
        let between = anchors.filter(|(_, fact)| (from..=to).contains(&fact.block_number));
        Ok(between.map(|(commitment, _)| *commitment).collect())
    }

    async fn inclusion_hint(&self, transaction: Hash) -> Result<Option<InclusionHint>, ChainError> {
        self.pass().await;
        let view = self.view(Read::InclusionHint)?;
        if view.absent {
            return Ok(None);
        }
        let known = (0..=view.height).rev().filter_map(|number| view.block(number));
        let mut hints = known.flat_map(|block| {
            let ours = block.mined.iter().filter(|mined| mined.transaction.hash == transaction);
            ours.map(|mined| InclusionHint {
                block: block.header.block,
                succeeded: mined.succeeded,
            })
        });
        Ok(hints.next())
    }

    async fn balance(&self, account: Address) -> Result<u128, ChainError> {
        self.pass().await;
        Ok(self.view(Read::FeeQuote)?.world().balance(account))
    }

    async fn fee_quote(&self) -> Result<FeeQuote, ChainError> {
        self.pass().await;
        let view = self.view(Read::FeeQuote)?;
        let config = &view.world().config;
        Ok(FeeQuote { base_fee: config.base_fee, priority_fee: config.priority_fee })
    }

    async fn preflight(&self, from: Address, call: &ContractCall) -> Result<Preflight, ChainError> {
        self.pass().await;
        let view = self.view(Read::Preflight)?;
        let world = view.world();
        if !world.rules.is_contract(call.contract()) {
            return Err(ChainError::Contract(format!("no contract at {}", call.contract())));
        }
        let gas = match view.head()?.state.simulate(&world.rules, from, call) {
            Ok(gas) => gas,
            Err(reason) => return Ok(Preflight::Blocked(reason)),
        };
        if gas > world.config.gas_cap || gas > TRANSACTION_GAS_CAP {
            // as a node that searches no further than the cap of EIP-7825
            let estimate = (gas <= TRANSACTION_GAS_CAP).then_some(gas);
            return Ok(Preflight::TooMuchGas { estimate });
        }
        let gas_limit = (gas + gas / 4).min(world.config.gas_cap).min(TRANSACTION_GAS_CAP);
        let SimulatedConfig { base_fee, priority_fee, .. } = world.config;
        if world.balance(from) < funds::needed(gas_limit, FeeQuote { base_fee, priority_fee }) {
            return Ok(Preflight::Blocked(BlockedReason::Funds));
        }
        Ok(Preflight::Ready { gas_limit })
    }

    async fn send(&self, raw: &[u8]) -> Result<Sent, SendError> {
        self.pass().await;
        let decoded = decode(raw);
        let mut inner = self.lock();
        inner.wire.extend(decoded.as_ref().map(|transaction| transaction.hash));
        let fault = inner.faults.take_send();
        match fault {
            Some(SendFault::Lost) => return Err(SendError::Unknown("no answer".to_owned())),
            Some(SendFault::Answers(answer)) => return answer,
            Some(SendFault::AnswerLost) | None => {}
        }
        let transaction = decoded.map_err(|error| SendError::Rejected(error.to_string()))?;
        if transaction.chain_id != self.chain_id {
            return Err(SendError::Rejected("invalid chain id".to_owned()));
        }
        let account = inner.world.account(transaction.signer);
        let answer = inner.world.pool.send(transaction, account);
        if fault.is_some() { Err(SendError::Unknown("no answer".to_owned())) } else { answer }
    }

    async fn code_hash(&self, address: Address) -> Result<Option<Hash>, ChainError> {
        self.pass().await;
        let view = self.view(Read::CodeHash)?;
        let rules = &view.world().rules;
        if view.absent || !rules.is_contract(address) {
            return Ok(None);
        }
        let registry = address == rules.registry;
        Ok(Some(if registry { Self::registry_code_hash() } else { Self::collection_code_hash() }))
    }
}
