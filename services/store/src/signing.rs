//! From sealed batches to final ones: signers, leases, nonces, attempts, observations. Every write
//! checks the lease's epoch in its own transaction.

use domain::{
    Attempt, Batch, BatchId, BlockedReason, BurnReason, Inclusion, LiveTransaction, Observation,
    Position, Purpose, RevocationReason, Signer, SignerId, Stream, TransactionId,
};
use proof::{Address, Hash, Timestamp};

use crate::StoreError;

/// The right to write for a signer, until another holder's epoch is higher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose nonce sequence.
    pub signer: SignerId,
    /// Rises by one with each change of holder.
    pub epoch: i64,
}

/// A badge to be revoked on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevocationItem {
    /// The badge, or a token's place in its mint stream.
    pub position: Position,
    /// Its leaf index.
    pub index: u32,
    /// The code for the event.
    pub reason: RevocationReason,
}

/// Revocations of one final batch with one reason that no transaction carries yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationJob {
    /// Where they are.
    pub batch: BatchId,
    /// Its name on chain.
    pub commitment: Hash,
    /// The registry of the batch's stream.
    pub registry: Address,
    /// At most [`domain::MAX_REVOKED_INDEXES`], by index.
    pub items: Vec<RevocationItem>,
    /// When the earliest was asked for.
    pub requested_at: Timestamp,
}

/// A sealed or blocked batch and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingBatch {
    /// The batch.
    pub batch: Batch,
    /// Its stream: the registry, and the collection of a mint batch.
    pub stream: Stream,
}

/// All that the plan needs to know of a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerView {
    /// The signer.
    pub signer: Signer,
    /// 1 + the highest nonce stored, or the signer's base nonce.
    pub next_nonce: u64,
    /// Live transactions by nonce.
    pub live: Vec<LiveTransaction>,
    /// Sealed and blocked batches of the signer's chain: those to anchor, sealed ones to mint, blocked
    /// ones to mint; each nearest deadline first.
    pub waiting: Vec<WaitingBatch>,
    /// Revocations that wait, at most one job a batch, for batches without a live revocation.
    pub revocations: Vec<RevocationJob>,
}

/// A transaction whose first attempt is signed and not yet sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransaction {
    /// MUST be the view's `next_nonce`.
    pub nonce: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// For a revocation, the positions it carries; else empty.
    pub revoked: Vec<Position>,
    /// The first attempt.
    pub attempt: Attempt,
}

/// How a live transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Its effect is there at a final block.
    Confirmed {
        /// Where the effect was seen.
        inclusion: Inclusion,
    },
    /// Its nonce went by without the effect, at a final block; the work is queued again.
    Burned {
        /// Why.
        reason: BurnReason,
    },
}

/// The chain side of the store.
#[async_trait::async_trait]
pub trait Signing: Send + Sync {
    /// The signer of this chain and address, created with `base_nonce` at the first call.
    async fn signer(
        &self,
        chain_id: u64,
        address: Address,
        base_nonce: u64,
        now: Timestamp,
    ) -> Result<Signer, StoreError>;

    /// Takes or renews the lease for `ttl_ms`; `None` while another holder has it. Time is the
    /// database's, or the `now` given where the store was opened for a manual clock.
    async fn lease(
        &self,
        signer: SignerId,
        holder: &str,
        now: Timestamp,
        ttl_ms: i64,
    ) -> Result<Option<Lease>, StoreError>;

    /// Gives the lease back, so that another holder need not wait.
    async fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// What there is to do, at most `limit` of each kind.
    async fn signer_view(&self, signer: SignerId, limit: u32) -> Result<SignerView, StoreError>;

    /// Stores a signed transaction before it is sent: nonce, first attempt, and for an anchor or
    /// a mint sealed|blocked → in flight, in one transaction.
    ///
    /// # Errors
    /// `Conflict` when the nonce is taken or the batch has a live transaction of this purpose: the
    /// signed bytes MUST be dropped, they were never sent. `StaleLease`.
    async fn prepare(
        &self,
        lease: &Lease,
        transaction: &NewTransaction,
    ) -> Result<TransactionId, StoreError>;

    /// sealed|blocked → blocked. No nonce is taken. A repeat with the same reason keeps the time.
    async fn block(
        &self,
        lease: &Lease,
        batch: BatchId,
        reason: BlockedReason,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A sealed or blocked mint batch that needs more gas than a transaction may have becomes two
    /// cut ones with ids of their own, `first..at` and `at..end`, to be built and sealed anew; its own
    /// id is known no more. Tokens that were erased, replaced or revoked meanwhile are withdrawn. No
    /// lease: it writes nothing of a signer's.
    ///
    /// # Errors
    /// `Conflict` when it is in another state, or was never a mint batch, or `at` is not within it.
    async fn split(&self, batch: BatchId, at: Position, now: Timestamp) -> Result<(), StoreError>;

    /// Stores a further attempt of a live transaction before it is sent.
    ///
    /// # Errors
    /// `Conflict` unless both fees are higher than the last attempt's.
    async fn bump(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        attempt: &Attempt,
    ) -> Result<(), StoreError>;

    /// Replaces the transaction's observation.
    async fn observe(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        observation: &Observation,
    ) -> Result<(), StoreError>;

    /// Ends a live transaction: batch → final with its outbox event, or batch → sealed again; for
    /// revocations, done or waiting again. One transaction.
    async fn conclude(
        &self,
        lease: &Lease,
        transaction: TransactionId,
        conclusion: &Conclusion,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
