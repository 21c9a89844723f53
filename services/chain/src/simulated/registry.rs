//! What `AnchorRegistry` does, as far as this service sees it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Block, BlockedReason};
use proof::{Address, Hash, Timestamp};

use crate::{AnchorFact, ContractCall};

/// Roles and pause. They are the owner's doing and stay as they are set, whatever is reorganised.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) writers: BTreeSet<Address>,
    pub(super) paused: bool,
}

impl Roles {
    fn check(&self, account: Address) -> Result<(), BlockedReason> {
        match (self.writers.contains(&account), self.paused) {
            (false, _) => Err(BlockedReason::Role),
            (true, true) => Err(BlockedReason::Paused),
            (true, false) => Ok(()),
        }
    }
}

/// The contract's storage.
#[derive(Debug, Default, Clone)]
pub(super) struct Registry {
    pub(super) anchors: BTreeMap<Hash, AnchorFact>,
    pub(super) revoked: BTreeSet<(Hash, u32)>,
}

/// Gas of whole transactions, near what the contract's snapshot says.
const ANCHOR_GAS: u64 = 47_900;
const REPLAY_GAS: u64 = 26_300;
const REVOKE_GAS: u64 = 33_000;
const REVOKE_WORD_GAS: u64 = 22_500;

impl Registry {
    /// The gas that `call` would use, or why it would revert.
    pub(super) fn simulate(
        &self,
        roles: &Roles,
        from: Address,
        call: &ContractCall,
    ) -> Result<u64, BlockedReason> {
        match call {
            ContractCall::Anchor { commitment, .. } => {
                if self.anchors.contains_key(commitment) {
                    return Ok(REPLAY_GAS); // before roles and pause, as in the contract
                }
                if *commitment == Hash::ZERO {
                    return Err(BlockedReason::Reverts);
                }
                roles.check(from).map(|()| ANCHOR_GAS)
            }
            ContractCall::Revoke { commitment, indexes, .. } => {
                if !self.anchors.contains_key(commitment) {
                    return Err(BlockedReason::Reverts);
                }
                roles.check(from)?;
                if indexes.contains(&u32::MAX) {
                    return Err(BlockedReason::Reverts);
                }
                let words: BTreeSet<u32> = indexes.iter().map(|index| index / 256).collect();
                Ok(REVOKE_GAS + REVOKE_WORD_GAS * words.len() as u64)
            }
        }
    }

    /// Does what [`Self::simulate`] found possible.
    pub(super) fn apply(
        &mut self,
        from: Address,
        call: &ContractCall,
        block: Block,
        time: Timestamp,
    ) {
        match call {
            ContractCall::Anchor { commitment, .. } => {
                self.anchors.entry(*commitment).or_insert(AnchorFact {
                    operator: from,
                    time,
                    block_number: block.number,
                });
            }
            ContractCall::Revoke { commitment, indexes, .. } => {
                self.revoked.extend(indexes.iter().map(|index| (*commitment, *index)));
            }
        }
    }
}
