//! What others do on the chain, with keys that are not the service's.

use domain::{ContractEvent, RevocationReason};
use proof::{Address, Hash, TokenId};

use super::SimulatedChain;
use crate::Header;

/// What somebody else does, in a transaction of his own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// An owner burns a token.
    Burn { collection: Address, id: TokenId },
    /// The registry's owner, or another revoker, does what the registry announces so.
    Registry(ContractEvent),
}

impl Deed {
    /// What the contract announces.
    pub(super) fn event(&self) -> ContractEvent {
        match self {
            Self::Burn { id, .. } => ContractEvent::Burned { id: *id },
            Self::Registry(event) => event.clone(),
        }
    }

    /// Which contract.
    pub(super) fn contract(&self, registry: Address) -> Address {
        match self {
            Self::Burn { collection, .. } => *collection,
            Self::Registry(_) => registry,
        }
    }
}

/// Each mines a block with just that; `None`, and no block, where the contract would revert: there is
/// no such token, or the batch is not anchored.
impl SimulatedChain {
    /// The token's owner burns it.
    pub fn burn(&self, collection: Address, id: TokenId) -> Option<Header> {
        self.mine_deed(Deed::Burn { collection, id })
    }

    /// Another revoker revokes these leaves.
    pub fn foreign_revoke(
        &self,
        commitment: Hash,
        indexes: &[u32],
        reason: RevocationReason,
    ) -> Option<Header> {
        let indexes = indexes.to_vec();
        self.mine_deed(Deed::Registry(ContractEvent::Revoked { commitment, indexes, reason }))
    }

    /// The registry's owner takes the revocation of these leaves back.
    pub fn foreign_reinstate(&self, commitment: Hash, indexes: &[u32]) -> Option<Header> {
        let indexes = indexes.to_vec();
        self.mine_deed(Deed::Registry(ContractEvent::Reinstated { commitment, indexes }))
    }

    /// The registry's owner revokes the whole batch.
    pub fn foreign_revoke_batch(
        &self,
        commitment: Hash,
        reason: RevocationReason,
    ) -> Option<Header> {
        self.mine_deed(Deed::Registry(ContractEvent::BatchRevoked { commitment, reason }))
    }

    /// The registry's owner takes the revocation of the whole batch back.
    pub fn foreign_reinstate_batch(&self, commitment: Hash) -> Option<Header> {
        self.mine_deed(Deed::Registry(ContractEvent::BatchReinstated { commitment }))
    }

    fn mine_deed(&self, deed: Deed) -> Option<Header> {
        let world = &mut self.lock().world;
        let mut trial = (*world.head().state).clone();
        trial.apply_deed(&deed)?;
        Some(world.seal(Vec::new(), vec![deed]))
    }
}
