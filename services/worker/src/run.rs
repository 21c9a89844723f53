//! The loop: rounds of sealing and signing, the lease, and an orderly end; beside it, what others
//! did on chain is followed.

use std::sync::Arc;
use std::time::Duration;

use chain::{Chain, Header, TransactionSigner};
use domain::{Block, Clock, Signer};
use proof::{Hash, Timestamp};
use store::{Lease, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::desk::{Desk, HeldLease, NoKey, find_former};
use crate::fees::FeeWatch;
use crate::halting::{Halting, end_finality_halt, is_restored, lost_block};
use crate::known_time::KnownTime;
use crate::step::{Anchorer, Sealer};
use crate::{
    ChainView, Failpoints, FeeSampler, FinalityWatch, Follower, Pacing, Policy, SealingStep,
    StepError, View, plan_sealing, plan_signing,
};

/// What a worker is made of.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub chain: Arc<dyn Chain>,
    pub key: Arc<dyn TransactionSigner>,
    pub clock: Arc<dyn Clock>,
    /// The store's row for `key`.
    pub signer: Signer,
    /// Names this process in the lease; unique among replicas.
    pub holder: String,
    pub policy: Policy,
    pub pace: Pace,
}

/// How often it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Between two rounds that found nothing to do.
    pub idle: Duration,
    /// Between two renewals of the lease, in milliseconds.
    pub lease_renewal_ms: i64,
    /// Life of the lease without renewal, in milliseconds.
    pub lease_ttl_ms: i64,
}

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Something that a further round can build on: go on at once.
    Moved,
    /// Nothing: wait.
    Idle,
}

impl Progress {
    const fn of(moved: bool) -> Self {
        if moved { Self::Moved } else { Self::Idle }
    }
}

/// Waiting items of a kind read in one round.
const VIEW_LIMIT: u32 = 64;

/// One worker process. Several may run on one database: sealing is decided by the schema,
/// signing by the signer's lease.
pub struct Worker {
    /// Whose clock is `time`.
    parts: Parts,
    time: Arc<KnownTime>,
    failpoints: Failpoints,
    /// The configured signer's first.
    desks: Vec<Desk>,
    former_keys: Vec<Arc<dyn TransactionSigner>>,
    fees: FeeWatch,
    /// Looked at between two steps.
    stop: CancellationToken,
}

impl Worker {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let desk = Desk::current(parts.signer.clone(), Arc::clone(&parts.key));
        let time = Arc::new(KnownTime::by(Arc::clone(&parts.clock)));
        Self {
            parts: Parts { clock: Arc::clone(&time) as Arc<dyn Clock>, ..parts },
            time,
            failpoints: Failpoints::default(),
            desks: vec![desk],
            former_keys: Vec::new(),
            fees: FeeWatch::default(),
            stop: CancellationToken::new(),
        }
    }

    /// With keys of former signers, whose live transactions can then be paid better, too.
    #[must_use]
    pub fn with_former_keys(mut self, keys: Vec<Arc<dyn TransactionSigner>>) -> Self {
        self.former_keys = keys;
        self
    }

    /// Where a test lets it die.
    #[must_use]
    pub const fn failpoints(&self) -> &Failpoints {
        &self.failpoints
    }

    /// Rounds until `stop`; then finishes the step in hand and gives the lease back. A slow answer
    /// about what others did keeps no anchor waiting: that is followed beside the rounds.
    pub async fn run(mut self, stop: CancellationToken) {
        self.stop = stop.clone();
        let Parts { store, chain, clock, pace, policy, .. } = &self.parts;
        let sampler =
            FeeSampler::new(Arc::clone(store), Arc::clone(chain), Arc::clone(clock), policy.fees);
        let follower = Follower::new(Arc::clone(store), Arc::clone(chain), Arc::clone(clock));
        let watch = FinalityWatch::new(Arc::clone(store), Arc::clone(chain), Arc::clone(clock));
        let idle = pace.idle;
        tokio::join!(
            self.rounds(),
            follower.run(idle, stop.clone()),
            watch.run(stop.clone()),
            sampler.run(stop)
        );
    }

    async fn rounds(&mut self) {
        while !self.stop.is_cancelled() {
            match self.round().await {
                Ok(Progress::Moved) => {}
                Ok(Progress::Idle) => self.wait().await,
                Err(error) => {
                    tracing::error!(%error, "round ended early");
                    self.wait().await;
                }
            }
        }
        for held in self.desks.iter_mut().filter_map(|desk| desk.lease.take()) {
            if let Err(error) = self.parts.store.release(&held.lease).await {
                tracing::warn!(%error, "the lease was not given back; it will expire");
            }
        }
    }

    async fn wait(&self) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(self.parts.pace.idle) => {}
        }
    }

    /// One round of sealing and one of signing.
    ///
    /// # Errors
    /// Why the round ended before all its steps; the next one starts from the database.
    pub async fn round(&mut self) -> Result<Progress, StepError> {
        let Parts { store, signer, clock, policy, .. } = &self.parts;
        self.fees.look(store.as_ref(), signer.chain_id, policy, clock.now()).await?;
        let sealed = self.seal_round().await?;
        let signed = self.sign_round().await?;
        Ok(Progress::of(sealed || signed))
    }

    async fn seal_round(&mut self) -> Result<bool, StepError> {
        let Parts { store, chain, clock, signer, policy, .. } = &self.parts;
        let streams = store.streams().await?;
        if streams.iter().any(|stream| stream.open() > 0) {
            self.time.look(chain.as_ref()).await;
        }
        let sealer = Sealer {
            store: store.as_ref(),
            clock: clock.as_ref(),
            failpoints: &self.failpoints,
            stop: &self.stop,
        };
        let mut moved = false;
        let now = clock.now();
        let mut base_fee = self.fees.view().outlook.base_fee();
        let mut steps = plan_sealing(now, &streams, policy, self.fees.view(), base_fee);
        if FeeWatch::rests_on_a_sample(&steps) {
            base_fee = self.fees.ask(chain.as_ref(), policy, now).await;
            steps = plan_sealing(now, &streams, policy, self.fees.view(), base_fee);
        }
        self.fees.note_gathering(now, &streams, policy, base_fee);
        let is_cut = |step: &SealingStep| matches!(step, SealingStep::Cut { .. });
        if steps.iter().any(is_cut) && is_restored(store.as_ref(), signer.chain_id).await? {
            // what is open may be on chain in other ranges: an administrator decides
            steps.retain(|step| !is_cut(step));
        }
        for step in steps {
            if self.stop.is_cancelled() {
                break;
            }
            moved |= settle(sealer.take(step).await)?;
        }
        Ok(moved)
    }

    /// The configured signer, then former ones.
    async fn sign_round(&mut self) -> Result<bool, StepError> {
        let Parts { store, chain, clock, signer, .. } = &self.parts;
        find_former(store.as_ref(), &mut self.desks, &self.former_keys, signer.chain_id).await?;
        let mut desks = std::mem::take(&mut self.desks);
        let mut moved = Ok(false);
        for desk in &mut desks {
            match (self.sign_at(desk).await, &mut moved) {
                (Ok(more), Ok(moved)) => *moved |= more,
                (Ok(_), Err(_)) => {}
                (Err(error), _) => {
                    moved = Err(error);
                    break;
                }
            }
        }
        self.desks = desks;
        let ended = end_finality_halt(store.as_ref(), chain.as_ref(), clock.as_ref()).await?;
        Ok(moved? || ended)
    }

    async fn sign_at(&self, desk: &mut Desk) -> Result<bool, StepError> {
        let Parts { store, chain, clock, policy, .. } = &self.parts;
        let signer = desk.signer.clone();
        let mut halts = store.halts(signer.chain_id).await?;
        let lost = lost_block(&halts);
        // a former signer's lease is asked for only where it has something to tend
        if !desk.is_current && lost.is_none() {
            let live = store.signer_view(signer.id, 1).await?.live.len();
            count_live(&signer, live);
            if live == 0 {
                return Ok(false);
            }
        }
        let Some(lease) = self.hold_lease(desk).await? else { return Ok(false) };
        let mut signer_view = store.signer_view(signer.id, VIEW_LIMIT).await?;
        count_live(&signer, signer_view.live.len());
        let waits = !signer_view.waiting.is_empty() || !signer_view.revocations.is_empty();
        if signer_view.live.is_empty() && !(desk.is_current && waits) && lost.is_none() {
            return Ok(false);
        }
        let (now, fees) = (clock.now(), self.fees.view());
        if lost.is_none() && desk.is_current && desk.fees.all_wait(now, &signer_view, policy, fees)
        {
            return Ok(false);
        }
        let chain_view = match look(chain.as_ref()).await {
            Ok(view) => view,
            Err(error) => {
                desk.fees.notes.alarms(now, &signer_view, policy, fees, None);
                return Err(error);
            }
        };
        let quote = desk.fees.believed(policy, now, chain_view.fees);
        let chain_view = ChainView { fees: quote, ..chain_view };
        let halting = Halting {
            store: store.as_ref(),
            chain: chain.as_ref(),
            clock: clock.as_ref(),
            signer: &signer,
        };
        let mut moved = false;
        if lost.is_some() {
            moved = halting.reopen_lost(&lease).await?;
            if moved {
                signer_view = store.signer_view(signer.id, VIEW_LIMIT).await?;
            }
            halting.fill_burned(&signer_view, &chain_view).await?;
        }
        let mut compared = true;
        if desk.is_current && desk.compared_at != Some(chain_view.head.block) {
            let head = chain_view.head.block;
            compared = halting.compare_nonces(&signer_view, head, &mut halts).await?;
            desk.compared_at = compared.then_some(head);
        }
        let takes_nonces = desk.is_current && compared && halts.is_empty();
        let policy = Policy { max_live: if takes_nonces { policy.max_live } else { 0 }, ..*policy };
        if desk.is_current {
            desk.fees.notes.sending(now, &signer_view, &policy, fees, quote.base_fee);
            desk.fees.notes.alarms(now, &signer_view, &policy, fees, Some(quote.base_fee));
        }
        let view = View {
            now: clock.now(),
            signer: &signer_view,
            chain: &chain_view,
            pacing: &desk.pacing,
            fees,
        };
        let steps: Vec<_> =
            plan_signing(view, &policy).into_iter().map(|step| desk.possible(step)).collect();
        let no_key = NoKey(signer.address);
        let mut anchorer = Anchorer {
            store: store.as_ref(),
            chain: chain.as_ref(),
            key: desk.key.as_ref().map_or(&no_key as &dyn TransactionSigner, AsRef::as_ref),
            clock: clock.as_ref(),
            failpoints: &self.failpoints,
            policy: &policy,
            lease: &lease,
            signer: &signer,
            view: &chain_view,
            fees,
            pacing: &mut desk.pacing,
            next_nonce: signer_view.next_nonce,
        };
        for step in steps {
            if self.stop.is_cancelled() {
                break;
            }
            let taken = settle(anchorer.take(step).await);
            if let Err(StepError::Store(StoreError::StaleLease)) = taken {
                tracing::warn!("the lease was taken over");
                desk.lease = None;
                // what it concludes from here on would stay there for ever
                desk.pacing = Pacing::default();
                return Ok(moved);
            }
            moved |= taken?;
        }
        Ok(moved)
    }

    /// The signer's lease, renewed when it is time; `None` while another worker has it.
    async fn hold_lease(&self, desk: &mut Desk) -> Result<Option<Lease>, StepError> {
        let Parts { store, clock, holder, pace, .. } = &self.parts;
        let now = clock.now();
        if let Some(held) = &desk.lease {
            let age = now.since(held.renewed_at);
            if (0..pace.lease_renewal_ms).contains(&age) {
                return Ok(Some(held.lease.clone()));
            }
        }
        let lease = store.lease(desk.signer.id, holder, now, pace.lease_ttl_ms).await?;
        let held = desk.lease.as_ref().map(|held| held.lease.epoch);
        if let Some(Lease { epoch, .. }) = lease
            && held != Some(epoch)
        {
            tracing::info!(signer = %desk.signer.address, %holder, epoch, "the lease is taken");
        }
        desk.lease = lease.clone().map(|lease| HeldLease { lease, renewed_at: now });
        Ok(lease)
    }
}

/// The chain as it is now. While nodes do not agree on what is final, nothing is: conclusions wait,
/// but what must be sent is sent.
async fn look(chain: &dyn Chain) -> Result<ChainView, StepError> {
    let head = chain.head().await?;
    let finalized = match chain.finalized().await {
        Ok(finalized) => finalized,
        Err(error) => {
            metrics::counter!("ingam_finality_unknown_total").increment(1);
            tracing::warn!(%error, "no block is known to be final");
            let block = Block { number: 0, hash: Hash::ZERO };
            Header { block, time: Timestamp::default() }
        }
    };
    Ok(ChainView { head, finalized, fees: chain.fee_quote().await? })
}

/// Publishes how many transactions of a signer are on their way.
fn count_live(signer: &Signer, live: usize) {
    let labels = [("signer", signer.address.to_string())];
    metrics::gauge!("ingam_signer_live_transactions", &labels).set(live as f64);
}

/// A step's error is logged here, once; only one that ends the round goes further.
fn settle(done: Result<bool, StepError>) -> Result<bool, StepError> {
    match done {
        Err(error) if !error.ends_round() => {
            tracing::error!(%error, "step failed");
            Ok(false)
        }
        done => done,
    }
}
