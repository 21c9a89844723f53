//! What became of a transaction: effect and nonce at one block, from one node.

use std::sync::atomic::{AtomicBool, Ordering};

use alloy::eips::BlockId;
use alloy::primitives::{B256, U64};
use proof::Hash;

use super::standing::Reason;
use super::{EvmChain, Node, NodeError, block_id};
use crate::{At, Awaited, AwaitedEffect, ChainError, Outcome};

/// A block that no chain has.
const NO_BLOCK: B256 = B256::repeat_byte(0xee);

impl EvmChain {
    /// A nonce that is given up is never used again, so [`Outcome::Absent`] must be more than one
    /// answer of one node: it reads by block hash and not at its head, no receipt of its own says the
    /// contrary, and another node that knows the block agrees.
    pub(super) async fn outcome_at(
        &self,
        awaited: &Awaited<'_>,
        at: Hash,
    ) -> Result<Outcome, ChainError> {
        let contradicted = AtomicBool::new(false);
        let ask = async |number: usize| {
            let node = &self.nodes.all()[number];
            let outcome = node.outcome(awaited, at).await?;
            if outcome != Outcome::Absent {
                return Ok((number, outcome));
            }
            if !node.reads_by_hash(awaited).await? {
                return Err(ChainError::Retry(format!("{node}: does not read by block hash")));
            }
            if node.says_succeeded(awaited).await? {
                let why = "it denies the effect of a transaction that it says succeeded";
                self.nodes.accuse(number, Reason::Contradiction, why);
                contradicted.store(true, Ordering::Relaxed);
                return Err(ChainError::Retry(format!("{node}: {why}")));
            }
            Ok((number, outcome))
        };
        let (by, outcome) = match self.nodes.read_at(ask).await {
            // nothing is known of this one, which is no reason to end the round for the others
            Err(ChainError::Retry(_)) if contradicted.load(Ordering::Relaxed) => {
                return Ok(Outcome::Pending);
            }
            answer => answer?,
        };
        if outcome != Outcome::Absent || self.nodes.agreeing() == 1 {
            return Ok(outcome);
        }
        for other in self.nodes.jury().into_iter().filter(|other| *other != by) {
            // one that does not know the block, or is silent, says nothing
            if let Ok((_, second)) = ask(other).await
                && second != Outcome::Absent
            {
                metrics::counter!("ingam_nodes_disagree_total").increment(1);
                tracing::error!(
                    one = %self.nodes.all()[by], other = %self.nodes.all()[other],
                    "nodes disagree about the state of one block"
                );
                return Ok(Outcome::Pending);
            }
        }
        Ok(outcome)
    }
}

impl Node {
    async fn outcome(&self, awaited: &Awaited<'_>, at: Hash) -> Result<Outcome, ChainError> {
        let block = block_id(At::Block(at));
        if self.nonce(awaited.signer, block).await? <= awaited.nonce {
            return Ok(Outcome::Pending);
        }
        let Awaited { registry, commitment, .. } = *awaited;
        match awaited.effect {
            AwaitedEffect::Anchored => {}
            AwaitedEffect::Minted { collection, owners_hash } => {
                match self.minted(collection, commitment, block).await? {
                    None => return Ok(Outcome::Absent),
                    Some(owners) if owners != owners_hash => return Ok(Outcome::OtherOwners),
                    Some(_) => {}
                }
            }
            AwaitedEffect::Revoked { indexes } => {
                let revoked = self.all_revoked(registry, commitment, indexes, block).await?;
                return Ok(Outcome::of_revoked(&revoked));
            }
        }
        Ok(Outcome::of_anchored(self.anchored(registry, commitment, block).await?))
    }

    /// Whether it refuses to answer about a block that does not exist (EIP-1898): one that answers
    /// all the same told about its head before, too.
    async fn reads_by_hash(&self, awaited: &Awaited<'_>) -> Result<bool, ChainError> {
        let nowhere = BlockId::from((NO_BLOCK, Some(true)));
        let signer = alloy::primitives::Address::from(awaited.signer.0);
        let nonce = self.ask::<U64>("eth_getTransactionCount", (signer, nowhere)).await;
        let state = self.anchored_raw(awaited.registry, awaited.commitment, nowhere).await;
        for answer in [nonce.map(|_| ()), state.map(|_| ())] {
            match answer {
                Ok(()) => return Ok(false),
                Err(NodeError::Answered { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    async fn says_succeeded(&self, awaited: &Awaited<'_>) -> Result<bool, ChainError> {
        for attempt in awaited.attempts {
            if self.inclusion(*attempt).await?.is_some_and(|hint| hint.succeeded) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
