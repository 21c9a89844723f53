//! What the chain says of a live transaction, read at one block hash, and what follows from it
//! once that block is final.

use chain::{AnchorFact, Awaited, AwaitedEffect, InclusionHint, Outcome};
use domain::{Block, BurnReason, Effect, Inclusion, LiveTransaction, Mint, Observation, Purpose};
use store::{Conclusion, StoreError};

use super::minting::alarm_other_owners;
use super::{Anchorer, Done};
use crate::StepError;

impl Anchorer<'_> {
    /// Reads effect and nonce at the head. An observation that still holds is kept: its block is
    /// the one that must become final.
    pub(super) async fn observe(&mut self, live: &LiveTransaction) -> Done {
        self.failpoints.hit("before-observe")?;
        let at = self.view.head.block;
        let effect = self.effect(live, at).await?;
        self.pacing.observed.insert(live.id, at);
        if let Some(last) = &live.observation
            && same_fact(&last.effect, &effect)
            && self.is_canonical(last.at).await?
        {
            return Ok(false);
        }
        // crash: what was read is forgotten, and read again
        self.failpoints.hit("after-read")?;
        let observation = Observation { at, effect, observed_at: self.clock.now() };
        self.store.observe(self.lease, live.id, &observation).await?;
        self.failpoints.hit("after-observe")?;
        tracing::info!(
            batch.id = %live.purpose.batch(), purpose = live.purpose.name(), tx.nonce = live.nonce,
            block.number = at.number, effect = effect.name(), "observed"
        );
        Ok(true)
    }

    /// Effect and nonce at one block. An effect that somebody else brought about does not use up
    /// our nonce: until a transaction of ours has, it is pending and sent again, for a nonce that is
    /// never used would hold up all later ones.
    ///
    /// A mint is present only where the registry knows the commitment *and* the collection answers
    /// with our owners. With others' owners it is never present: the nonce burns once it is final,
    /// and preflight then finds what reverts, so the batch ends blocked, where an operator sees it.
    async fn effect(&self, live: &LiveTransaction, at: Block) -> Result<Effect, StepError> {
        let effect = match (live.purpose, live.mint) {
            (Purpose::Anchor { .. }, _) => AwaitedEffect::Anchored,
            (Purpose::Mint { .. }, Some(Mint { collection, owners_hash })) => {
                AwaitedEffect::Minted { collection, owners_hash }
            }
            (Purpose::Mint { batch }, None) => {
                let why = format!("the mint of batch {batch} has no collection");
                return Err(StoreError::Corrupt(why).into());
            }
            (Purpose::Revoke { .. }, _) => {
                AwaitedEffect::Revoked { indexes: &live.revoked_indexes }
            }
        };
        let attempts: Vec<_> = live.attempts.iter().map(|attempt| attempt.hash).collect();
        let awaited = Awaited {
            signer: self.signer.address,
            nonce: live.nonce,
            registry: live.registry,
            commitment: live.commitment,
            effect,
            attempts: &attempts,
        };
        match self.chain.outcome(&awaited, at.hash).await? {
            Outcome::Pending => return Ok(Effect::Pending),
            Outcome::Present { anchored } => {
                let inclusion = match anchored {
                    Some(fact) => self.anchored_where(live, &fact, at).await?,
                    None => self.mined_where(live, at).await?,
                };
                return Ok(Effect::Present { inclusion });
            }
            Outcome::OtherOwners => {
                if let Some(mint) = live.mint {
                    alarm_other_owners(live.purpose.batch(), mint.collection);
                }
            }
            Outcome::Absent => {}
        }
        // an empty answer alone proves nothing: a receipt of ours that says "succeeded" contradicts
        // it, and then the nonce is not given up
        if let Some((transaction, hint)) = self.hint(live).await?
            && hint.succeeded
        {
            tracing::error!(
                batch.id = %live.purpose.batch(), tx.hash = %transaction, block.number = at.number,
                "a node denies the effect of a transaction that it says succeeded"
            );
            return Ok(Effect::Pending);
        }
        Ok(Effect::Burned)
    }

    /// Time and block of the anchoring: the time from the registry; the block from a receipt of
    /// ours, else from the registry's block number, when a header of that time confirms it.
    async fn anchored_where(
        &self,
        live: &LiveTransaction,
        fact: &AnchorFact,
        at: Block,
    ) -> Result<Inclusion, StepError> {
        let hint = self.hint(live).await?;
        let of_ours = hint.map(|(transaction, hint)| (Some(transaction), hint.block.number));
        let candidates = of_ours.into_iter().chain([(None, fact.block_number)]);
        for (transaction, number) in candidates {
            let header = self.chain.header(number).await?;
            if let Some(header) = header.filter(|header| header.time == fact.time) {
                return Ok(Inclusion {
                    transaction,
                    block_number: header.block.number,
                    block_hash: header.block.hash,
                    block_time: fact.time,
                });
            }
        }
        Ok(Inclusion {
            transaction: None,
            block_number: at.number,
            block_hash: at.hash,
            block_time: fact.time,
        })
    }

    async fn mined_where(&self, live: &LiveTransaction, at: Block) -> Result<Inclusion, StepError> {
        let hint = self.hint(live).await?;
        let number = hint.as_ref().map_or(at.number, |(_, hint)| hint.block.number);
        let header = self.chain.header(number).await?.unwrap_or(self.view.head);
        Ok(Inclusion {
            transaction: hint.map(|(transaction, _)| transaction),
            block_number: header.block.number,
            block_hash: header.block.hash,
            block_time: header.time,
        })
    }

    /// The newest of our attempts that a node says was mined.
    async fn hint(
        &self,
        live: &LiveTransaction,
    ) -> Result<Option<(proof::Hash, InclusionHint)>, StepError> {
        for attempt in live.attempts.iter().rev() {
            if let Some(hint) = self.chain.inclusion_hint(attempt.hash).await? {
                return Ok(Some((attempt.hash, hint)));
            }
        }
        Ok(None)
    }

    async fn is_canonical(&self, block: Block) -> Result<bool, StepError> {
        let header = self.chain.header(block.number).await?;
        Ok(header.is_some_and(|header| header.block == block))
    }

    /// The observed block is at or below the final one: if it is still canonical, what was seen
    /// there stands; if not, look again.
    pub(super) async fn conclude(&mut self, live: &LiveTransaction) -> Done {
        let Some(observation) = live.observation else { return Ok(false) };
        if !self.is_canonical(observation.at).await? {
            tracing::warn!(
                batch.id = %live.purpose.batch(), block.number = observation.at.number,
                "the observed block was reorganised away"
            );
            return self.observe(live).await;
        }
        // read again before concluding; by now a receipt may be known that was not then
        let now = self.effect(live, self.view.head.block).await?;
        if !same_fact(&observation.effect, &now) {
            return self.observe(live).await;
        }
        let conclusion = match now {
            Effect::Present { inclusion } => Conclusion::Confirmed { inclusion },
            Effect::Burned => Conclusion::Burned { reason: self.burn_reason(live).await? },
            Effect::Pending => return Ok(false),
        };
        // crash: the observation stands, and is concluded from again
        self.failpoints.hit("before-conclude")?;
        self.store.conclude(self.lease, live.id, &conclusion, self.clock.now()).await?;
        self.failpoints.hit("after-conclude")?;
        for attempt in &live.attempts {
            self.pacing.delivered.remove(&attempt.hash);
        }
        self.pacing.observed.remove(&live.id);
        match conclusion {
            Conclusion::Confirmed { .. } => tracing::info!(
                batch.id = %live.purpose.batch(), purpose = live.purpose.name(), "final"
            ),
            Conclusion::Burned { reason } => tracing::error!(
                batch.id = %live.purpose.batch(), tx.nonce = live.nonce, reason = reason.name(),
                "nonce burned without effect; queued again"
            ),
        }
        Ok(true)
    }

    async fn burn_reason(&self, live: &LiveTransaction) -> Result<BurnReason, StepError> {
        Ok(match self.hint(live).await? {
            Some(_) => BurnReason::Reverted,
            None => BurnReason::Foreign,
        })
    }
}

/// Whether two observations say the same, so that the older one's block counts. Where the effect was
/// mined follows from the block at which it was seen, and is no part of the fact.
const fn same_fact(before: &Effect, now: &Effect) -> bool {
    matches!(
        (before, now),
        (Effect::Present { .. }, Effect::Present { .. }) | (Effect::Burned, Effect::Burned)
    )
}
