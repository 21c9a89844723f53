//! Effects, one step at a time. Each says at its awaits what a crash there leaves behind.

mod anchoring;
mod minting;
mod observing;
mod sealing;

use domain::{Clock, Signer};
use store::{Lease, Store};
use tokio_util::sync::CancellationToken;

use crate::{ChainView, Failpoints, FeeView, Pacing, Policy, StepError};

/// What sealing needs.
pub(crate) struct Sealer<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) failpoints: &'a Failpoints,
    pub(crate) stop: &'a CancellationToken,
}

/// What anchoring and minting need, for one round.
pub(crate) struct Anchorer<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) chain: &'a dyn chain::Chain,
    pub(crate) key: &'a dyn chain::TransactionSigner,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) failpoints: &'a Failpoints,
    pub(crate) policy: &'a Policy,
    pub(crate) lease: &'a Lease,
    pub(crate) signer: &'a Signer,
    pub(crate) view: &'a ChainView,
    pub(crate) fees: &'a FeeView,
    pub(crate) pacing: &'a mut Pacing,
    /// The nonce of the next new transaction of this round.
    pub(crate) next_nonce: u64,
}

/// Whether a step changed anything that a further round could build on.
pub(crate) type Done = Result<bool, StepError>;
