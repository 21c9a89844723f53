//! What contracts announce that the service did not do itself: owners burn tokens, an issuer's own
//! keys revoke and reinstate.

use proof::{Hash, TokenId};

use crate::RevocationReason;

/// As a node tells it, a hint; as a fact, confirmed by reading state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractEvent {
    /// `Transfer(owner, 0, id)` of a collection: the owner burned the token.
    Burned {
        /// Which token.
        id: TokenId,
    },
    /// `Revoked` of a registry: bits of a batch were set.
    Revoked {
        /// The batch.
        commitment: Hash,
        /// Leaf indexes.
        indexes: Vec<u32>,
        /// The code given.
        reason: RevocationReason,
    },
    /// `Reinstated` of a registry: bits of a batch were cleared.
    Reinstated {
        /// The batch.
        commitment: Hash,
        /// Leaf indexes.
        indexes: Vec<u32>,
    },
    /// `BatchRevoked` of a registry: the whole batch was revoked.
    BatchRevoked {
        /// The batch.
        commitment: Hash,
        /// The code given.
        reason: RevocationReason,
    },
    /// `BatchReinstated` of a registry: the revocation of the whole batch was taken back.
    BatchReinstated {
        /// The batch.
        commitment: Hash,
    },
}
