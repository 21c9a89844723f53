//! What became of a transaction, at one block.

use proof::{Address, EvmHash, Hash};

use crate::AnchorFact;

/// A transaction of which the outcome is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Awaited<'a> {
    /// Whose nonce it has.
    pub signer: Address,
    /// Its nonce.
    pub nonce: u64,
    /// The registry that its effect is in.
    pub registry: Address,
    /// The batch that it is about.
    pub commitment: Hash,
    /// What it was sent for.
    pub effect: AwaitedEffect<'a>,
    /// Hashes of everything that was signed for it.
    pub attempts: &'a [Hash],
}

/// What a transaction was sent for.
#[derive(Debug, Clone, Copy)]
pub enum AwaitedEffect<'a> {
    /// The registry knows the commitment.
    Anchored,
    /// The collection holds the batch with these owners, and the registry knows the commitment.
    Minted {
        /// The collection.
        collection: Address,
        /// The hash of the owners that were sealed.
        owners_hash: EvmHash,
    },
    /// These leaves are revoked.
    Revoked {
        /// Leaf indexes; without any there is no effect.
        indexes: &'a [u32],
    },
}

/// What became of it, as of the block that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its nonce is not used, or what nodes say contradicts itself: nothing is known.
    Pending,
    /// The nonce is used and the effect is there, whoever brought it about.
    Present {
        /// The registry's record; `None` for a revocation.
        anchored: Option<AnchorFact>,
    },
    /// The nonce is used and the effect is not there.
    Absent,
    /// The nonce is used, and the collection holds the batch with owners that were not sealed.
    OtherOwners,
}

impl Outcome {
    /// By the registry's record of the commitment.
    #[must_use]
    pub const fn of_anchored(anchored: Option<AnchorFact>) -> Self {
        if anchored.is_some() { Self::Present { anchored } } else { Self::Absent }
    }

    /// By whether each leaf is revoked.
    #[must_use]
    pub fn of_revoked(revoked: &[bool]) -> Self {
        // without leaves there would be nothing to wait for
        if !revoked.is_empty() && revoked.iter().all(|revoked| *revoked) {
            Self::Present { anchored: None }
        } else {
            Self::Absent
        }
    }
}
