//! The only calls that this service makes.

use domain::RevocationReason;
use proof::{Address, Hash};

/// A call to a registry. The signer signs nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractCall {
    /// `anchor(commitment)`.
    Anchor {
        /// The registry.
        registry: Address,
        /// What is anchored.
        commitment: Hash,
    },
    /// `revoke(commitment, indexes, reason)`.
    Revoke {
        /// The registry.
        registry: Address,
        /// The batch's name.
        commitment: Hash,
        /// Leaf indexes, ascending, 1 to 256 of them.
        indexes: Vec<u32>,
        /// The code in the event.
        reason: RevocationReason,
    },
}

impl ContractCall {
    /// The contract called.
    #[must_use]
    pub const fn registry(&self) -> Address {
        match self {
            Self::Anchor { registry, .. } | Self::Revoke { registry, .. } => *registry,
        }
    }
}
