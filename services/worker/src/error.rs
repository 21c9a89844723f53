//! Why a step was not completed.

use chain::{ChainError, SignError};
use proof::InclusionError;
use store::StoreError;

/// A step that failed is taken again by the next round, from what the database says then.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The signing path refused, or the key store did not answer; no nonce is consumed.
    #[error("signer: {0}")]
    Sign(#[from] SignError),
    #[error("tree: {0}")]
    Tree(#[from] InclusionError),
    /// A failpoint of a test.
    #[error("failpoint {0}")]
    Failpoint(&'static str),
}

impl StepError {
    /// Whether the rest of the round is pointless: another worker has the lease, the database or
    /// the nodes do not answer, or a test "crashed" the worker. A contract that is missing holds up
    /// what is meant for it and nothing else.
    #[must_use]
    pub const fn ends_round(&self) -> bool {
        matches!(
            self,
            Self::Store(
                StoreError::StaleLease | StoreError::Unavailable(_) | StoreError::Schema(_)
            ) | Self::Chain(ChainError::Retry(_) | ChainError::WrongChain { .. })
                | Self::Failpoint(_)
        )
    }
}
