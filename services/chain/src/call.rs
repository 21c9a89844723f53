//! The only calls that this service makes.

use domain::RevocationReason;
use proof::{Address, Hash};

/// A call to a registry or a collection. The signer signs nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractCall {
    /// `anchor(commitment)`.
    Anchor {
        /// The registry.
        registry: Address,
        /// What is anchored.
        commitment: Hash,
    },
    /// `mint(treeSize, root, owners)`.
    Mint {
        /// The collection.
        collection: Address,
        /// Leaves in the batch.
        size: u64,
        /// Their root.
        root: Hash,
        /// One for each leaf, ascending, none of them zero; at most [`domain::MAX_MINT_BATCH`].
        owners: Vec<Address>,
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
    pub const fn contract(&self) -> Address {
        match self {
            Self::Anchor { registry, .. } | Self::Revoke { registry, .. } => *registry,
            Self::Mint { collection, .. } => *collection,
        }
    }
}
