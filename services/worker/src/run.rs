//! The loop: rounds of sealing and signing, the lease, and an orderly end; beside it, what others
//! did on chain is followed.

use std::sync::Arc;
use std::time::Duration;

use chain::{Chain, TransactionSigner};
use domain::{Clock, Signer};
use proof::Timestamp;
use store::{Lease, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::step::{Anchorer, Sealer};
use crate::{
    ChainView, Failpoints, FeeView, Follower, Pacing, Policy, StepError, View, plan_sealing,
    plan_signing,
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

struct HeldLease {
    lease: Lease,
    renewed_at: Timestamp,
}

/// Waiting items of a kind read in one round.
const VIEW_LIMIT: u32 = 64;

/// One worker process. Several may run on one database: sealing is decided by the schema,
/// signing by the signer's lease.
pub struct Worker {
    parts: Parts,
    failpoints: Failpoints,
    lease: Option<HeldLease>,
    pacing: Pacing,
    /// Looked at between two steps.
    stop: CancellationToken,
}

impl Worker {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            failpoints: Failpoints::default(),
            lease: None,
            pacing: Pacing::default(),
            stop: CancellationToken::new(),
        }
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
        let Parts { store, chain, clock, pace, .. } = &self.parts;
        let follower = Follower::new(Arc::clone(store), Arc::clone(chain), Arc::clone(clock));
        let idle = pace.idle;
        tokio::join!(self.rounds(), follower.run(idle, stop));
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
        if let Some(held) = self.lease.take()
            && let Err(error) = self.parts.store.release(&held.lease).await
        {
            tracing::warn!(%error, "the lease was not given back; it will expire");
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
        let sealed = self.seal_round().await?;
        let signed = self.sign_round().await?;
        Ok(Progress::of(sealed || signed))
    }

    async fn seal_round(&self) -> Result<bool, StepError> {
        let Parts { store, clock, policy, .. } = &self.parts;
        let streams = store.streams().await?;
        let sealer = Sealer {
            store: store.as_ref(),
            clock: clock.as_ref(),
            failpoints: &self.failpoints,
            stop: &self.stop,
        };
        let mut moved = false;
        let fees = self.fee_view();
        for step in plan_sealing(clock.now(), &streams, policy, &fees, None) {
            if self.stop.is_cancelled() {
                break;
            }
            moved |= settle(sealer.take(step).await)?;
        }
        Ok(moved)
    }

    async fn sign_round(&mut self) -> Result<bool, StepError> {
        let Some(lease) = self.hold_lease().await? else { return Ok(false) };
        let Parts { store, chain, key, clock, signer, policy, .. } = &self.parts;
        let signer_view = store.signer_view(signer.id, VIEW_LIMIT).await?;
        if signer_view.live.is_empty()
            && signer_view.waiting.is_empty()
            && signer_view.revocations.is_empty()
        {
            return Ok(false);
        }
        let chain_view = ChainView {
            head: chain.head().await?,
            finalized: chain.finalized().await?,
            fees: chain.fee_quote().await?,
        };
        let fees = self.fee_view();
        let view = View {
            now: clock.now(),
            signer: &signer_view,
            chain: &chain_view,
            pacing: &self.pacing,
            fees: &fees,
        };
        let steps = plan_signing(view, policy);
        let mut anchorer = Anchorer {
            store: store.as_ref(),
            chain: chain.as_ref(),
            key: key.as_ref(),
            clock: clock.as_ref(),
            failpoints: &self.failpoints,
            policy,
            lease: &lease,
            signer,
            view: &chain_view,
            fees: &fees,
            pacing: &mut self.pacing,
            next_nonce: signer_view.next_nonce,
        };
        let mut moved = false;
        for step in steps {
            if self.stop.is_cancelled() {
                break;
            }
            let taken = settle(anchorer.take(step).await);
            if let Err(StepError::Store(StoreError::StaleLease)) = taken {
                tracing::warn!("the lease was taken over");
                self.lease = None;
                return Ok(moved);
            }
            moved |= taken?;
        }
        Ok(moved)
    }

    fn fee_view(&self) -> FeeView {
        FeeView { usual_cap: self.parts.policy.fees.usual_cap, ..FeeView::default() }
    }

    /// The lease, renewed when it is time; `None` while another worker has it.
    async fn hold_lease(&mut self) -> Result<Option<Lease>, StepError> {
        let Parts { store, clock, signer, holder, pace, .. } = &self.parts;
        let now = clock.now();
        if let Some(held) = &self.lease {
            let age = now.since(held.renewed_at);
            if (0..pace.lease_renewal_ms).contains(&age) {
                return Ok(Some(held.lease.clone()));
            }
        }
        let lease = store.lease(signer.id, holder, now, pace.lease_ttl_ms).await?;
        self.lease = lease.clone().map(|lease| HeldLease { lease, renewed_at: now });
        Ok(lease)
    }
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
