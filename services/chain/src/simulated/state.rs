//! What is true after a block, and what each call does to it.

use std::collections::BTreeMap;

use domain::{BlockedReason, ContractEvent};
use proof::{Address, Hash};

use super::collection::{Around, Collection, CollectionRoles};
use super::others::Deed;
use super::registry::{Registry, Roles};
use crate::{ContractCall, Header};

/// The owners' doing. It stays as it is set, whatever is reorganised.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) registry: Address,
    pub(super) registry_roles: Roles,
    pub(super) collections: BTreeMap<Address, CollectionRoles>,
    pub(super) gas_per_token: u64,
}

impl Rules {
    /// Whether code stands at the address.
    pub(super) fn is_contract(&self, address: Address) -> bool {
        let registry = address == self.registry && !self.registry_roles.code_removed;
        registry || self.collections.contains_key(&address)
    }
}

/// What is true after a block.
#[derive(Debug, Default, Clone)]
pub(super) struct State {
    pub(super) registry: Registry,
    pub(super) collections: BTreeMap<Address, Collection>,
    pub(super) nonces: BTreeMap<Address, u64>,
    pub(super) spent: BTreeMap<Address, u128>,
}

impl State {
    pub(super) fn nonce(&self, account: Address) -> u64 {
        self.nonces.get(&account).copied().unwrap_or(0)
    }

    pub(super) fn spent(&self, account: Address) -> u128 {
        self.spent.get(&account).copied().unwrap_or(0)
    }

    /// The gas that `call` would use, or why it would revert.
    pub(super) fn simulate(
        &self,
        rules: &Rules,
        from: Address,
        call: &ContractCall,
    ) -> Result<u64, BlockedReason> {
        let roles = &rules.registry_roles;
        match call {
            ContractCall::Mint { collection, .. } => {
                let around = Around {
                    roles: rules.collections.get(collection).ok_or(BlockedReason::Reverts)?,
                    registry: &self.registry,
                    registry_roles: roles,
                    gas_per_token: rules.gas_per_token,
                };
                let empty = Collection::default();
                self.collections.get(collection).unwrap_or(&empty).may_mint(&around, from, call)
            }
            _ if call.contract() != rules.registry => Err(BlockedReason::Reverts),
            ContractCall::Anchor { commitment, .. } => {
                self.registry.may_anchor(roles, from, *commitment)
            }
            ContractCall::Revoke { commitment, indexes, .. } => {
                self.registry.may_revoke(roles, from, *commitment, indexes)
            }
        }
    }

    /// Does what [`Self::simulate`] found possible.
    pub(super) fn apply(
        &mut self,
        from: Address,
        call: &ContractCall,
        at: Header,
    ) -> Option<ContractEvent> {
        match call {
            ContractCall::Anchor { commitment, .. } => {
                self.registry.anchor(from, *commitment, at);
                None
            }
            ContractCall::Mint { collection, size, root, owners } => {
                let commitment = proof::commitment(*size, *root, Hash::ZERO);
                self.collections.entry(*collection).or_default().mint(commitment, owners);
                self.registry.anchor(*collection, commitment, at);
                None
            }
            ContractCall::Revoke { commitment, indexes, reason, .. } => {
                self.registry.set_bits(*commitment, indexes, true);
                let (commitment, indexes, reason) = (*commitment, indexes.clone(), *reason);
                Some(ContractEvent::Revoked { commitment, indexes, reason })
            }
        }
    }

    /// Does it; `None` where the contract would revert.
    pub(super) fn apply_deed(&mut self, deed: &Deed) -> Option<ContractEvent> {
        let anchored = |state: &Self, commitment| state.registry.anchors.contains_key(commitment);
        match deed {
            Deed::Burn { collection, id } => {
                let collection = self.collections.get_mut(collection)?;
                collection.owner(*id)?;
                collection.burn(*id);
            }
            Deed::Registry(
                ContractEvent::Revoked { commitment, .. }
                | ContractEvent::Reinstated { commitment, .. }
                | ContractEvent::BatchRevoked { commitment, .. }
                | ContractEvent::BatchReinstated { commitment },
            ) if !anchored(self, commitment) => return None,
            Deed::Registry(ContractEvent::Revoked { commitment, indexes, .. }) => {
                self.registry.set_bits(*commitment, indexes, true);
            }
            Deed::Registry(ContractEvent::Reinstated { commitment, indexes }) => {
                self.registry.set_bits(*commitment, indexes, false);
            }
            Deed::Registry(ContractEvent::BatchRevoked { commitment, .. }) => {
                self.registry.revoked_batches.insert(*commitment);
            }
            Deed::Registry(ContractEvent::BatchReinstated { commitment }) => {
                self.registry.revoked_batches.remove(commitment);
            }
            Deed::Registry(ContractEvent::Burned { .. }) => return None,
        }
        Some(deed.event())
    }
}
