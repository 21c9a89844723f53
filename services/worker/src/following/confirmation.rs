//! Whether the chain's state bears an event out.

use std::collections::HashMap;

use chain::{At, Chain, ChainError, ChainEvent, Header};
use domain::{Batch, ContractEvent};
use proof::{Address, Hash};
use store::{DatedFact, Store};

use super::MAX_BLOCKS;
use super::last_words::{Subject, takes};
use crate::StepError;

/// No tree has so many leaves, so nobody revokes this one singly: it is revoked with its batch alone.
const NO_LEAF: u32 = u32::MAX - 1;

/// Leaves asked for in one call, which has seconds. Others' revocations may name any number.
const INDEXES_AT_ONCE: usize = 256;

/// What is to be done with an event.
pub(super) enum Verdict {
    /// It is so.
    Holds(DatedFact),
    /// It is about a batch or a token that this service does not know.
    NotOurs,
    /// It is not so.
    Contradicted,
    /// It is not so at the head, because of a block that is not final yet.
    TooEarly,
}

/// The events of one contract against the state at one head.
pub(super) struct Confirmation<'a> {
    store: &'a dyn Store,
    chain: &'a dyn Chain,
    contract: Address,
    head: Header,
    finalized: Header,
    /// Batches by commitment, where they are ours and of this contract.
    batches: HashMap<Hash, Option<Batch>>,
    /// Events above the finalized block, once they were needed.
    above: Option<Vec<ChainEvent>>,
}

impl<'a> Confirmation<'a> {
    pub(super) fn of(
        store: &'a dyn Store,
        chain: &'a dyn Chain,
        contract: Address,
        head: Header,
        finalized: Header,
    ) -> Self {
        let batches = HashMap::new();
        Self { store, chain, contract, head, finalized, batches, above: None }
    }

    pub(super) async fn look(&mut self, event: &ChainEvent) -> Result<Verdict, StepError> {
        if self.head.block.number < event.block.number {
            let why = format!("the head is below block {}, which is final", event.block.number);
            return Err(ChainError::Retry(why).into());
        }
        let held = match &event.event {
            ContractEvent::Burned { id } => {
                let chain_id = self.chain.chain_id();
                let Some(token) = self.store.token(chain_id, self.contract, *id).await? else {
                    return Ok(Verdict::NotOurs);
                };
                let batch = token.batch.as_ref().and_then(Batch::seal);
                let Some(seal) = batch else { return Ok(Verdict::NotOurs) };
                let at = At::Block(self.head.block.hash);
                // nobody owns what was never minted, either
                let minted = self.chain.minted(self.contract, seal.commitment, at).await?;
                let fact = self.chain.token(self.contract, *id, at).await?;
                let burned = minted.is_some() && fact.owner.is_none();
                burned.then_some(ContractEvent::Burned { id: *id })
            }
            ContractEvent::Revoked { commitment, indexes, reason } => {
                let Some(leaves) = self.leaves(*commitment, indexes).await? else {
                    return Ok(Verdict::NotOurs);
                };
                let indexes = self.with_bit(*commitment, leaves, true).await?;
                let (commitment, reason) = (*commitment, *reason);
                (!indexes.is_empty()).then_some(ContractEvent::Revoked {
                    commitment,
                    indexes,
                    reason,
                })
            }
            ContractEvent::Reinstated { commitment, indexes } => {
                let Some(leaves) = self.leaves(*commitment, indexes).await? else {
                    return Ok(Verdict::NotOurs);
                };
                let indexes = self.with_bit(*commitment, leaves, false).await?;
                let commitment = *commitment;
                (!indexes.is_empty()).then_some(ContractEvent::Reinstated { commitment, indexes })
            }
            ContractEvent::BatchRevoked { commitment, .. }
            | ContractEvent::BatchReinstated { commitment } => {
                if self.batch(*commitment).await?.is_none() {
                    return Ok(Verdict::NotOurs);
                }
                let wanted = takes(&event.event);
                let probe = self.with_bit(*commitment, vec![NO_LEAF], wanted).await?;
                let commitment = *commitment;
                let fact = match event.event {
                    ContractEvent::BatchRevoked { reason, .. } => {
                        ContractEvent::BatchRevoked { commitment, reason }
                    }
                    _ => ContractEvent::BatchReinstated { commitment },
                };
                (!probe.is_empty()).then_some(fact)
            }
        };
        let all = held.as_ref().is_some_and(|fact| covers(fact, event));
        if !all && self.is_contradicted_above(event).await? {
            return Ok(Verdict::TooEarly);
        }
        let Some(fact) = held else { return Ok(Verdict::Contradicted) };
        if !all {
            tracing::warn!(
                contract = %self.contract, block.number = event.block.number, ?event,
                "the chain's state bears this event out for some leaves only"
            );
        }
        let header = self.chain.header(event.block.number).await?.ok_or_else(|| {
            ChainError::Retry(format!("no header of block {}, which is final", event.block.number))
        })?;
        Ok(Verdict::Holds(DatedFact { fact, at: header.time }))
    }

    /// Those of the indexes that are leaves of a batch of ours; `None` for anybody else's batch.
    async fn leaves(
        &mut self,
        commitment: Hash,
        indexes: &[u32],
    ) -> Result<Option<Vec<u32>>, StepError> {
        let Some(batch) = self.batch(commitment).await? else { return Ok(None) };
        let size = batch.seal().map_or(0, |seal| seal.size);
        let leaves: Vec<u32> =
            indexes.iter().copied().filter(|index| u64::from(*index) < size).collect();
        Ok((!leaves.is_empty()).then_some(leaves))
    }

    /// Our batch of this commitment, anchored in this registry.
    async fn batch(&mut self, commitment: Hash) -> Result<Option<&Batch>, StepError> {
        if !self.batches.contains_key(&commitment) {
            let mut found = self.store.batch_by_commitment(commitment).await?;
            if let Some(batch) = &found {
                let streams = self.store.streams().await?;
                let here = streams.iter().any(|view| {
                    let stream = &view.stream;
                    stream.id == batch.stream
                        && stream.registry == self.contract
                        && stream.chain_id == self.chain.chain_id()
                });
                found = found.filter(|_| here);
            }
            self.batches.insert(commitment, found);
        }
        Ok(self.batches.get(&commitment).and_then(Option::as_ref))
    }

    /// Those of the indexes whose revocation is `wanted` at the head.
    async fn with_bit(
        &self,
        commitment: Hash,
        indexes: Vec<u32>,
        wanted: bool,
    ) -> Result<Vec<u32>, StepError> {
        let at = At::Block(self.head.block.hash);
        let mut held = Vec::new();
        for chunk in indexes.chunks(INDEXES_AT_ONCE) {
            let bits = self.chain.revoked(self.contract, commitment, chunk, at).await?;
            let chunk = chunk.iter().zip(bits).filter(|(_, bit)| *bit == wanted);
            held.extend(chunk.map(|(index, _)| *index));
        }
        Ok(held)
    }

    /// Whether a block above the finalized one says the contrary, which a reorganisation may undo.
    async fn is_contradicted_above(&mut self, event: &ChainEvent) -> Result<bool, StepError> {
        let subjects = Subject::of(&event.event);
        let contrary = |above: &ChainEvent| {
            takes(&above.event) != takes(&event.event)
                && Subject::of(&above.event).iter().any(|subject| subjects.contains(subject))
        };
        let above = match &mut self.above {
            Some(above) => above,
            none => {
                let from = self.finalized.block.number + 1;
                let to = self.head.block.number.min(from + (MAX_BLOCKS - 1));
                let events = if from <= to {
                    self.chain.events(&[self.contract], from, to).await?
                } else {
                    Vec::new()
                };
                none.insert(events)
            }
        };
        Ok(above.iter().any(contrary))
    }
}

/// Whether the fact is about every leaf of the event.
fn covers(fact: &ContractEvent, event: &ChainEvent) -> bool {
    match (fact, &event.event) {
        (
            ContractEvent::Revoked { indexes: held, .. }
            | ContractEvent::Reinstated { indexes: held, .. },
            ContractEvent::Revoked { indexes, .. } | ContractEvent::Reinstated { indexes, .. },
        ) => held.len() == indexes.len(),
        _ => true,
    }
}
