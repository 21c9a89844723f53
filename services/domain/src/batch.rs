//! Batches and their states.
//!
//! ```text
//! Cut ─seal→ Sealed ─prepare→ InFlight ─confirm→ Final
//!              ▲ │ preflight fails  │ nonce burned, effect absent
//!              │ ▼                  │
//!            Blocked                └──requeue→ Sealed
//! ```
//!
//! A cut range of mint requests that were all withdrawn is `Vacated`; a sealed or blocked mint batch
//! that needs more gas than a transaction may have is split: its range is cut into two.

use std::fmt;
use std::str::FromStr;

use proof::{EvmHash, Hash, Timestamp};

use crate::{BatchId, Position, StreamId};

/// What is fixed when a batch is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// Number of leaves.
    pub size: u64,
    pub root: Hash,
    /// [`Hash::ZERO`] when the batch has no Blockcerts tree.
    pub blockcerts_root: Hash,
    /// What is anchored; it names the batch everywhere.
    pub commitment: Hash,
    /// Of a mint batch: what the collection must answer for the commitment.
    pub owners_hash: Option<EvmHash>,
}

/// Where the effect was seen on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inclusion {
    /// The transaction, when a node told a receipt of one of ours.
    pub transaction: Option<Hash>,
    pub block_number: u64,
    pub block_hash: Hash,
    /// The registry's timestamp for the commitment.
    pub block_time: Timestamp,
}

/// Why a sealed batch cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockedReason {
    /// The contract is paused, or the signer's role in it.
    Paused,
    /// The signer has no role in the contract.
    Role,
    /// The signer cannot pay.
    Funds,
    /// The collection takes no more batches; the next volume is to be opened.
    Full,
    /// More gas than a transaction may have, and one token only.
    Gas,
    /// The call would revert for another reason.
    Reverts,
}

impl BlockedReason {
    /// The name in the database and in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Role => "role",
            Self::Funds => "funds",
            Self::Full => "full",
            Self::Gas => "gas",
            Self::Reverts => "reverts",
        }
    }
}

impl fmt::Display for BlockedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`BlockedReason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason of a blocked batch")]
pub struct UnknownBlockedReason;

impl FromStr for BlockedReason {
    type Err = UnknownBlockedReason;

    fn from_str(name: &str) -> Result<Self, UnknownBlockedReason> {
        let all = [Self::Paused, Self::Role, Self::Funds, Self::Full, Self::Gas, Self::Reverts];
        all.into_iter().find(|reason| reason.name() == name).ok_or(UnknownBlockedReason)
    }
}

/// The state of a batch, with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// A range of positions; its tiles are being built.
    Cut,
    /// Nothing of the range is left to mint.
    Vacated,
    /// Waits for a transaction.
    Sealed { seal: Seal },
    /// Waits for role, pause or funds; no nonce is taken.
    Blocked { seal: Seal, reason: BlockedReason, since: Timestamp },
    /// A transaction is live. `inclusion` is the last observation, when it saw the effect.
    InFlight { seal: Seal, inclusion: Option<Inclusion> },
    /// The effect is there at a final block.
    Final { seal: Seal, inclusion: Inclusion },
}

impl BatchState {
    /// The name in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Vacated => "vacated",
            Self::Sealed { .. } => "sealed",
            Self::Blocked { .. } => "blocked",
            Self::InFlight { .. } => "in_flight",
            Self::Final { .. } => "final",
        }
    }
}

/// A step that the state machine does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("batch {batch}: no step {step} from state {from}")]
pub struct InvalidTransition {
    pub batch: BatchId,
    pub from: &'static str,
    pub step: &'static str,
}

/// The badges at positions `first..end` of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: BatchId,
    pub stream: StreamId,
    pub first: Position,
    /// One past the last position.
    pub end: Position,
    pub cut_at: Timestamp,
    /// The earliest deadline of its badges.
    pub deadline_at: Timestamp,
    pub state: BatchState,
}

impl Batch {
    /// Number of positions, vacated ones included.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.end.distance_from(self.first)
    }

    /// A batch is never empty; this is for completeness beside [`Self::len`].
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was sealed; `None` while cut, and when vacated.
    #[must_use]
    pub const fn seal(&self) -> Option<&Seal> {
        match &self.state {
            BatchState::Cut | BatchState::Vacated => None,
            BatchState::Sealed { seal }
            | BatchState::Blocked { seal, .. }
            | BatchState::InFlight { seal, .. }
            | BatchState::Final { seal, .. } => Some(seal),
        }
    }

    /// Where its effect was seen.
    #[must_use]
    pub const fn inclusion(&self) -> Option<&Inclusion> {
        match &self.state {
            BatchState::InFlight { inclusion: Some(inclusion), .. }
            | BatchState::Final { inclusion, .. } => Some(inclusion),
            _ => None,
        }
    }

    fn refuse<T>(&self, step: &'static str) -> Result<T, InvalidTransition> {
        Err(InvalidTransition { batch: self.id, from: self.state.name(), step })
    }

    /// cut → sealed.
    ///
    /// # Errors
    /// From any other state.
    pub fn sealed(self, seal: Seal) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Cut => Ok(Self { state: BatchState::Sealed { seal }, ..self }),
            _ => self.refuse("seal"),
        }
    }

    /// cut → vacated.
    ///
    /// # Errors
    /// From any other state.
    pub fn vacated(self) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Cut => Ok(Self { state: BatchState::Vacated, ..self }),
            _ => self.refuse("vacate"),
        }
    }

    /// The two ranges that a sealed or blocked batch is cut into at `at`.
    ///
    /// # Errors
    /// From any other state, and unless `at` lies within.
    pub fn split(&self, at: Position) -> Result<[(Position, Position); 2], InvalidTransition> {
        let splittable =
            matches!(self.state, BatchState::Sealed { .. } | BatchState::Blocked { .. });
        if splittable && self.first < at && at < self.end {
            Ok([(self.first, at), (at, self.end)])
        } else {
            self.refuse("split")
        }
    }

    /// sealed or blocked → in flight.
    ///
    /// # Errors
    /// From any other state.
    pub fn prepared(self) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Sealed { seal } | BatchState::Blocked { seal, .. } => {
                Ok(Self { state: BatchState::InFlight { seal, inclusion: None }, ..self })
            }
            _ => self.refuse("prepare"),
        }
    }

    /// sealed or blocked → blocked.
    ///
    /// # Errors
    /// From any other state.
    pub fn blocked(
        self,
        reason: BlockedReason,
        since: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::Sealed { seal } | BatchState::Blocked { seal, .. } => {
                Ok(Self { state: BatchState::Blocked { seal, reason, since }, ..self })
            }
            _ => self.refuse("block"),
        }
    }

    /// in flight → final.
    ///
    /// # Errors
    /// From any other state.
    pub fn confirmed(self, inclusion: Inclusion) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::InFlight { seal, .. } => {
                Ok(Self { state: BatchState::Final { seal, inclusion }, ..self })
            }
            _ => self.refuse("confirm"),
        }
    }

    /// in flight → sealed, after its nonce was burned without the effect.
    ///
    /// # Errors
    /// From any other state.
    pub fn requeued(self) -> Result<Self, InvalidTransition> {
        match self.state {
            BatchState::InFlight { seal, .. } => {
                Ok(Self { state: BatchState::Sealed { seal }, ..self })
            }
            _ => self.refuse("requeue"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut() -> Batch {
        let first = Position::first_of(StreamId(1));
        let now = Timestamp::default();
        Batch {
            id: BatchId(1),
            stream: StreamId(1),
            first,
            end: first.plus(3),
            cut_at: now,
            deadline_at: now,
            state: BatchState::Cut,
        }
    }

    fn seal() -> Seal {
        Seal {
            size: 3,
            root: Hash::ZERO,
            blockcerts_root: Hash::ZERO,
            commitment: Hash::ZERO,
            owners_hash: None,
        }
    }

    fn inclusion() -> Inclusion {
        Inclusion {
            transaction: None,
            block_number: 1,
            block_hash: Hash::ZERO,
            block_time: Timestamp::default(),
        }
    }

    #[test]
    fn the_documented_path_is_open() {
        let blocked =
            cut().sealed(seal()).unwrap().blocked(BlockedReason::Role, Timestamp::default());
        let flying = blocked.unwrap().prepared().unwrap();
        let again = flying.requeued().unwrap().prepared().unwrap();
        assert_eq!(again.confirmed(inclusion()).unwrap().inclusion(), Some(&inclusion()));
    }

    #[test]
    fn a_split_keeps_every_position() {
        let first = cut().first;
        let sealed = cut().sealed(seal()).unwrap();
        assert_eq!(
            sealed.split(first.plus(1)).unwrap(),
            [(first, first.plus(1)), (first.plus(1), first.plus(3))]
        );
        for at in [first, first.plus(3)] {
            assert!(sealed.split(at).is_err());
        }
        assert!(cut().split(first.plus(1)).is_err());
        assert!(sealed.prepared().unwrap().split(first.plus(1)).is_err());
        assert!(cut().vacated().unwrap().vacated().is_err());
    }

    #[test]
    fn every_other_step_is_refused() {
        assert!(cut().prepared().is_err() && cut().confirmed(inclusion()).is_err());
        assert!(cut().requeued().is_err());
        let sealed = cut().sealed(seal()).unwrap();
        assert!(sealed.clone().sealed(seal()).is_err());
        assert!(
            sealed.clone().confirmed(inclusion()).is_err() && sealed.clone().requeued().is_err()
        );
        let last = sealed.prepared().unwrap().confirmed(inclusion()).unwrap();
        let refused = last.clone().prepared().unwrap_err();
        assert_eq!(refused.to_string(), "batch 1: no step prepare from state final");
        assert!(last.requeued().is_err());
    }
}
