//! Badge tokens: a leaf of a mint batch, given to an owner for good.

use proof::{Address, Hash, Timestamp, TokenId};

use crate::{Batch, BatchState, BlockedReason, Position, Revocation, Stream};

/// Most tokens of a mint batch, by policy.
pub const MAX_MINT_BATCH: u64 = 1_024;

/// Who gets a badge's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    pub owner: Address,
    /// Drawn for the token. With the badge's own, a token would be named by the same leaf as the badge
    /// in its anchored batch: two batches could have one commitment, and to revoke the token of a lost
    /// wallet could revoke the badge.
    pub salt: Hash,
}

/// A request to mint a badge's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MintRequest {
    /// The badge.
    pub badge: Position,
    pub recipient: Recipient,
    /// The present owner, whose token is revoked for it (a lost wallet).
    pub replaces: Option<Address>,
    pub requested_at: Timestamp,
}

/// A token, asked for or minted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its place in the collection's mint stream.
    pub position: Position,
    pub stream: Stream,
    /// The badge; `None` once it was erased.
    pub badge: Option<Position>,
    /// `None` once the badge was erased and the token is on chain, which then alone knows it.
    pub owner: Option<Address>,
    /// Of its leaf; `None` once the badge was erased.
    pub salt: Option<Hash>,
    pub requested_at: Timestamp,
    /// The leaf in its batch, whose leaves stand in the order of owners; `None` until sealed.
    pub index: Option<u32>,
    /// `None` before the cut.
    pub batch: Option<Batch>,
    /// When its owner burned it, by a final block.
    pub burned_at: Option<Timestamp>,
    /// When another token took its place.
    pub replaced_at: Option<Timestamp>,
    /// Of the token: its badge may be good (a lost wallet).
    pub revocation: Option<Revocation>,
}

/// How far a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintState {
    /// Asked for; its batch is not cut yet.
    Requested,
    /// In a batch that waits for its transaction.
    Sealed,
    /// The batch cannot be minted now.
    Blocked(BlockedReason),
    /// The batch's transaction is on its way.
    Submitted,
    /// Seen on chain; a reorganisation may still undo it.
    Included,
    /// On chain at a final block.
    Minted,
    /// Its owner burned it.
    Burned,
    /// Revoked on chain, at a final block.
    Revoked,
}

impl MintState {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sealed => "sealed",
            Self::Blocked(_) => "blocked",
            Self::Submitted => "submitted",
            Self::Included => "included",
            Self::Minted => "minted",
            Self::Burned => "burned",
            Self::Revoked => "revoked",
        }
    }
}

impl Token {
    /// The state to show.
    #[must_use]
    pub fn state(&self) -> MintState {
        if self.burned_at.is_some() {
            return MintState::Burned;
        }
        if self.revocation.is_some_and(|revocation| revocation.final_at.is_some()) {
            return MintState::Revoked;
        }
        match self.batch.as_ref().map(|batch| &batch.state) {
            None => MintState::Requested,
            Some(BatchState::Blocked { reason, .. }) => MintState::Blocked(*reason),
            Some(BatchState::Cut | BatchState::Sealed { .. } | BatchState::Vacated) => {
                MintState::Sealed
            }
            Some(BatchState::InFlight { inclusion: None, .. }) => MintState::Submitted,
            Some(BatchState::InFlight { inclusion: Some(_), .. }) => MintState::Included,
            Some(BatchState::Final { .. }) => MintState::Minted,
        }
    }

    /// The id on chain; `None` until its batch is sealed.
    #[must_use]
    pub fn id(&self) -> Option<TokenId> {
        let seal = self.batch.as_ref()?.seal()?;
        Some(TokenId::of(seal.commitment, self.index?))
    }
}
