//! What `AnchorRegistry` does, as far as this service sees it.

use std::collections::{BTreeMap, BTreeSet};

use domain::BlockedReason;
use proof::{Address, Hash};

use crate::{AnchorFact, Header};

/// Roles and pause. They are the owner's doing and stay as they are set, whatever is reorganised.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) writers: BTreeSet<Address>,
    pub(super) paused: bool,
    /// There is no contract any more.
    pub(super) code_removed: bool,
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
    pub(super) revoked_batches: BTreeSet<Hash>,
}

/// Gas of whole transactions, near what the contract's snapshot says.
const ANCHOR_GAS: u64 = 47_900;
const REPLAY_GAS: u64 = 26_300;
const REVOKE_GAS: u64 = 33_000;
const REVOKE_WORD_GAS: u64 = 22_500;

impl Registry {
    /// Gas of `anchor`, or why it would revert. A known commitment is a success, before roles and
    /// pause are looked at.
    pub(super) fn may_anchor(
        &self,
        roles: &Roles,
        from: Address,
        commitment: Hash,
    ) -> Result<u64, BlockedReason> {
        if self.anchors.contains_key(&commitment) {
            return Ok(REPLAY_GAS);
        }
        if commitment == Hash::ZERO {
            return Err(BlockedReason::Reverts);
        }
        roles.check(from).map(|()| ANCHOR_GAS)
    }

    /// Gas of `revoke`, or why it would revert.
    pub(super) fn may_revoke(
        &self,
        roles: &Roles,
        from: Address,
        commitment: Hash,
        indexes: &[u32],
    ) -> Result<u64, BlockedReason> {
        if !self.anchors.contains_key(&commitment) {
            return Err(BlockedReason::Reverts);
        }
        roles.check(from)?;
        if indexes.contains(&u32::MAX) {
            return Err(BlockedReason::Reverts);
        }
        let words: BTreeSet<u32> = indexes.iter().map(|index| index / 256).collect();
        Ok(REVOKE_GAS + REVOKE_WORD_GAS * words.len() as u64)
    }

    pub(super) fn anchor(&mut self, operator: Address, commitment: Hash, at: Header) {
        self.anchors.entry(commitment).or_insert(AnchorFact {
            operator,
            time: at.time,
            block_number: at.block.number,
        });
    }

    pub(super) fn set_bits(&mut self, commitment: Hash, indexes: &[u32], revoked: bool) {
        for index in indexes {
            if revoked {
                self.revoked.insert((commitment, *index));
            } else {
                self.revoked.remove(&(commitment, *index));
            }
        }
    }

    pub(super) fn is_revoked(&self, commitment: Hash, index: u32) -> bool {
        self.revoked_batches.contains(&commitment) || self.revoked.contains(&(commitment, index))
    }
}
