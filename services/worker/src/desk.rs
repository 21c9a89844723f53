//! A signer's place in this process. The first is the configured signer's; the others are of former
//! signers of the chain, whose live transactions are still tended: sent again, paid better where
//! their key is at hand, observed and concluded. They take no new nonce.

use std::sync::Arc;

use chain::{SignError, SignedTransaction, TransactionRequest, TransactionSigner};
use domain::{Block, Signer};
use proof::{Address, Timestamp};
use store::{Lease, Store};

use crate::fees::SigningFees;
use crate::{Pacing, SigningStep, StepError};

pub(crate) struct HeldLease {
    pub(crate) lease: Lease,
    pub(crate) renewed_at: Timestamp,
}

/// What a process keeps of one signer; all of it may be lost at any time.
pub(crate) struct Desk {
    pub(crate) signer: Signer,
    /// `None` for a former signer whose key is not configured any more.
    pub(crate) key: Option<Arc<dyn TransactionSigner>>,
    /// Whether it takes nonces.
    pub(crate) is_current: bool,
    pub(crate) lease: Option<HeldLease>,
    pub(crate) pacing: Pacing,
    /// The head at which its nonce was compared with what is stored.
    pub(crate) compared_at: Option<Block>,
    pub(crate) fees: SigningFees,
}

impl Desk {
    pub(crate) fn current(signer: Signer, key: Arc<dyn TransactionSigner>) -> Self {
        Self::new(signer, Some(key), true)
    }

    fn new(signer: Signer, key: Option<Arc<dyn TransactionSigner>>, is_current: bool) -> Self {
        let pacing = Pacing::default();
        let fees = SigningFees::default();
        Self { signer, key, is_current, lease: None, pacing, compared_at: None, fees }
    }

    /// The step, or what can be done in its place without the key.
    pub(crate) fn possible(&self, step: SigningStep) -> SigningStep {
        match step {
            SigningStep::Bump { transaction, .. } if self.key.is_none() => {
                SigningStep::Send { transaction }
            }
            step => step,
        }
    }
}

/// Adds a desk for each other signer of the chain that the database knows.
pub(crate) async fn find_former(
    store: &dyn Store,
    desks: &mut Vec<Desk>,
    keys: &[Arc<dyn TransactionSigner>],
    chain_id: u64,
) -> Result<(), StepError> {
    for signer in store.signers().await? {
        if signer.chain_id != chain_id || desks.iter().any(|desk| desk.signer.id == signer.id) {
            continue;
        }
        let key = keys.iter().find(|key| key.address() == signer.address).cloned();
        desks.push(Desk::new(signer, key, false));
    }
    Ok(())
}

/// In place of a key that is not here. [`Desk::possible`] leaves nothing to sign.
pub(crate) struct NoKey(pub(crate) Address);

#[async_trait::async_trait]
impl TransactionSigner for NoKey {
    fn address(&self) -> Address {
        self.0
    }

    async fn sign(&self, _: &TransactionRequest) -> Result<SignedTransaction, SignError> {
        Err(SignError::Unavailable("the key of a former signer is not configured".to_owned()))
    }
}
