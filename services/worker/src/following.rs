//! What others did on chain flows back: owners burn tokens, issuers revoke with keys of their own.
//!
//! Events of final blocks say where to look; the state at a recent head says whether it is so; facts
//! and cursor are stored in one transaction. It runs beside the rounds of sealing and signing and
//! needs no lease: where several workers follow, the store takes one and tells the others.

mod capacity;
mod confirmation;
mod last_words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chain::{Chain, ChainEvent, Header};
use domain::{Block, Clock};
use proof::{Address, Timestamp};
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{Failpoints, Progress, StepError};
use capacity::Capacity;
use confirmation::{Confirmation, Verdict};
use last_words::last_words;

/// Blocks read at a time; many nodes refuse more.
const MAX_BLOCKS: u64 = 2_000;
/// Between two looks at the finalized block, in milliseconds.
const LOOK_EVERY_MS: i64 = 10_000;
/// After an error.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Follows the registries and collections of one chain. It remembers only what it did last; after a
/// restart it looks again.
pub struct Follower {
    store: Arc<dyn Store>,
    chain: Arc<dyn Chain>,
    clock: Arc<dyn Clock>,
    capacity: Capacity,
    failpoints: Failpoints,
    /// Everything up to this block is followed, and when that was found.
    done: Option<(Block, Timestamp)>,
}

impl Follower {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, chain: Arc<dyn Chain>, clock: Arc<dyn Clock>) -> Self {
        let (capacity, failpoints) = (Capacity::default(), Failpoints::default());
        Self { store, chain, clock, capacity, failpoints, done: None }
    }

    /// Where a test lets it die.
    #[must_use]
    pub const fn failpoints(&self) -> &Failpoints {
        &self.failpoints
    }

    /// Rounds until `stop`. A step that is cut off there is taken again by the next process.
    pub(crate) async fn run(mut self, idle: Duration, stop: CancellationToken) {
        let rounds = async {
            loop {
                let pause = match self.round().await {
                    Ok(Progress::Moved) => continue,
                    Ok(Progress::Idle) => idle,
                    Err(error) => {
                        tracing::warn!(%error, "following the chain was interrupted");
                        RETRY_AFTER
                    }
                };
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = rounds => {}
        }
    }

    /// One step of every contract that is behind the finalized block.
    ///
    /// # Errors
    /// What kept it from being completed; the next round takes it again.
    pub async fn round(&mut self) -> Result<Progress, StepError> {
        let now = self.clock.now();
        if self.done.is_some_and(|(_, at)| (0..LOOK_EVERY_MS).contains(&now.since(at))) {
            return Ok(Progress::Idle);
        }
        let finalized = self.chain.finalized().await?;
        if let Some((block, at)) = &mut self.done
            && *block == finalized.block
        {
            *at = now;
            return Ok(Progress::Idle);
        }
        let collections = self.store.collections().await?;
        let ours = collections.iter().filter(|it| it.stream.chain_id == self.chain.chain_id());
        let collections: Vec<_> = ours.collect();
        let mut more = false;
        for (from, contracts) in self.behind(&collections, finalized).await? {
            let to = finalized.block.number.min(from + (MAX_BLOCKS - 1));
            let moved = self.step(&contracts, from, to, finalized).await?;
            more |= moved && to < finalized.block.number;
        }
        if more {
            return Ok(Progress::Moved);
        }
        self.done = Some((finalized.block, now));
        self.capacity.look(self.chain.as_ref(), &collections, now).await?;
        Ok(Progress::Idle)
    }

    /// Contracts by the first block that is to be read of them. In the long run that is the same one
    /// for all, and one question.
    async fn behind(
        &self,
        collections: &[&domain::Collection],
        finalized: Header,
    ) -> Result<BTreeMap<u64, Vec<Address>>, StepError> {
        let chain_id = self.chain.chain_id();
        let registries = self.store.registries().await?;
        let registries = registries.iter().filter(|registry| registry.chain_id == chain_id);
        let registries = registries.map(|registry| (registry.address, registry.from_block));
        let collections =
            collections.iter().filter_map(|it| Some((it.stream.kind.collection()?, it.from_block)));
        let mut behind: BTreeMap<u64, Vec<Address>> = BTreeMap::new();
        for (contract, from_block) in registries.chain(collections) {
            let followed = self.store.followed(chain_id, contract).await?;
            let next = followed.map_or(from_block, |block| block + 1);
            if next <= finalized.block.number {
                behind.entry(next).or_default().push(contract);
            }
        }
        Ok(behind)
    }

    /// Reads, confirms and stores blocks `from..=to` of these contracts. Whether one of them is
    /// further than it was.
    async fn step(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
        finalized: Header,
    ) -> Result<bool, StepError> {
        let mut moved = false;
        let chain = self.chain.as_ref();
        let events = chain.events(contracts, from, to).await?;
        let head = chain.head().await?;
        let (within, outside): (Vec<ChainEvent>, _) =
            events.into_iter().partition(|event| (from..=to).contains(&event.block.number));
        for event in outside {
            tracing::warn!(contract = %event.contract, ?event, "an event of another block is left out");
        }
        for contract in contracts {
            let own = within.iter().filter(|event| event.contract == *contract).cloned();
            let mut confirmation =
                Confirmation::of(self.store.as_ref(), chain, *contract, head, finalized);
            let mut facts = Vec::new();
            let mut held = false;
            for event in last_words(own.collect()) {
                match confirmation.look(&event).await? {
                    Verdict::Holds(fact) => facts.push(fact),
                    Verdict::NotOurs => {}
                    Verdict::Contradicted => {
                        tracing::warn!(
                            %contract, block.number = event.block.number, ?event,
                            "the chain's state does not bear this event out; it is left out"
                        );
                    }
                    Verdict::TooEarly => held = true,
                }
            }
            if held {
                // a block that is not final yet says otherwise; it will be final, or gone
                tracing::debug!(%contract, from, to, "following waits for the next final block");
                continue;
            }
            moved = true;
            // crash: facts and cursor are stored together or not at all
            self.failpoints.hit("before-follow")?;
            match self.store.follow(chain.chain_id(), *contract, to, &facts).await {
                Ok(()) => self.failpoints.hit("after-follow")?,
                Err(StoreError::Conflict(why)) => {
                    tracing::debug!(%contract, to, why, "another worker followed first");
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            for fact in &facts {
                tracing::info!(%contract, fact = ?fact.fact, at = %fact.at, "followed");
            }
        }
        Ok(moved)
    }
}
