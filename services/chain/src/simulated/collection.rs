//! What `BadgeToken` does, as far as this service sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{BlockedReason, MAX_COLLECTION_BATCHES};
use proof::{Address, EvmHash, Hash, TokenId, owners_hash};

use super::pool;
use super::registry::{Registry, Roles};
use crate::ContractCall;
use crate::contract::are_mintable;

/// Roles and pause. They are the owner's doing and stay as they are set, whatever is reorganised.
#[derive(Debug, Default)]
pub(super) struct CollectionRoles {
    pub(super) minters: BTreeSet<Address>,
    pub(super) paused: bool,
    /// Batches that nobody asks for; they fill the collection.
    pub(super) fillers: u64,
}

/// The contract's storage.
#[derive(Debug, Default, Clone)]
pub(super) struct Collection {
    batches: BTreeMap<Hash, Arc<[Address]>>,
    burned: BTreeSet<TokenId>,
}

/// Gas of a mint but for its tokens, near what the measurements say.
const MINT_GAS: u64 = 122_400;
/// What a replay costs beside its input: slots, and a hash of the owners.
const REPLAY_GAS: u64 = 9_000;

/// What a mint needs to know beside its collection's storage.
pub(super) struct Around<'a> {
    pub(super) roles: &'a CollectionRoles,
    pub(super) registry: &'a Registry,
    pub(super) registry_roles: &'a Roles,
    pub(super) gas_per_token: u64,
}

impl Collection {
    /// Gas of `mint`, or why it would revert: the checks of the contract in its order.
    pub(super) fn may_mint(
        &self,
        around: &Around<'_>,
        from: Address,
        call: &ContractCall,
    ) -> Result<u64, BlockedReason> {
        let ContractCall::Mint { collection, size, root, owners } = call else {
            return Err(BlockedReason::Reverts);
        };
        if owners.len() as u64 != *size {
            return Err(BlockedReason::Reverts);
        }
        let commitment = proof::commitment(*size, *root, Hash::ZERO);
        if let Some(minted) = self.batches.get(&commitment) {
            let same = **minted == **owners;
            let gas = pool::intrinsic_gas(&call.to_input()) + REPLAY_GAS;
            return if same { Ok(gas) } else { Err(BlockedReason::Reverts) };
        }
        if !around.roles.minters.contains(&from) {
            return Err(BlockedReason::Role);
        }
        if around.roles.paused {
            return Err(BlockedReason::Paused);
        }
        if around.roles.fillers + self.batches() >= MAX_COLLECTION_BATCHES {
            return Err(BlockedReason::Full);
        }
        if !are_mintable(*size, owners) || around.registry_roles.code_removed {
            return Err(BlockedReason::Reverts);
        }
        around.registry.may_anchor(around.registry_roles, *collection, commitment)?;
        Ok(MINT_GAS + around.gas_per_token * size)
    }

    pub(super) fn mint(&mut self, commitment: Hash, owners: &[Address]) {
        self.batches.entry(commitment).or_insert_with(|| owners.into());
    }

    /// How many were minted.
    pub(super) fn batches(&self) -> u64 {
        self.batches.len() as u64
    }

    pub(super) fn owners_hash(&self, commitment: Hash) -> Option<EvmHash> {
        Some(owners_hash(commitment, self.batches.get(&commitment)?))
    }

    /// The owner of a token that is not burned, and its batch.
    pub(super) fn owner(&self, id: TokenId) -> Option<(Address, Hash)> {
        if self.burned.contains(&id) {
            return None;
        }
        let ends = |low| Hash(TokenId::of(Hash(id.0), low).0);
        let (commitment, owners) = self.batches.range(ends(0)..=ends(u32::MAX)).next()?;
        let index = usize::try_from(id.index()).ok()?;
        Some((*owners.get(index)?, *commitment))
    }

    pub(super) fn burn(&mut self, id: TokenId) {
        self.burned.insert(id);
    }
}
