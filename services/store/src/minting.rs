//! What requests do to a badge's tokens. Pure; the same in both back ends.

use domain::{BadgeRecord, BatchState, MintRequest, Position, Token};

use crate::MintAnswer;

/// How far a token is, for those who want to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It can be withdrawn: its batch is not cut yet.
    Open,
    /// Its batch is being built and must not change.
    BeingSealed,
    /// It will be minted; only a revocation ends it.
    Sealed,
    /// It is on chain.
    Final,
}

/// The stage of a token whose batch cannot be cut or sealed meanwhile.
#[must_use]
pub fn stage(token: &Token) -> Stage {
    match token.batch.as_ref().map(|batch| &batch.state) {
        None => Stage::Open,
        Some(BatchState::Cut | BatchState::Vacated) => Stage::BeingSealed,
        Some(
            BatchState::Sealed { .. } | BatchState::Blocked { .. } | BatchState::InFlight { .. },
        ) => Stage::Sealed,
        Some(BatchState::Final { .. }) => Stage::Final,
    }
}

/// What a request to mint does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MintStep {
    /// Nothing is written.
    Answer(Box<MintAnswer>),
    /// The open request at this position gets the owner.
    ChangeOwner(Position),
    /// A new request takes a place; the token at `replaced` is revoked for it.
    Enqueue {
        /// The token of the owner whom the request replaces.
        replaced: Option<Position>,
    },
}

/// Decides on a request for a badge with these tokens.
#[must_use]
pub fn mint_step(badge: &BadgeRecord, tokens: Vec<Token>, request: &MintRequest) -> MintStep {
    if badge.revocation.is_some() {
        return answer(MintAnswer::Revoked);
    }
    let Some(token) = tokens.into_iter().find(|token| token.replaced_at.is_none()) else {
        return MintStep::Enqueue { replaced: None };
    };
    if token.owner == Some(request.recipient.owner) {
        return answer(MintAnswer::Known(token));
    }
    let named = request.replaces.is_some() && request.replaces == token.owner;
    match stage(&token) {
        Stage::Open if named || request.replaces.is_none() => MintStep::ChangeOwner(token.position),
        Stage::BeingSealed if named => answer(MintAnswer::BeingSealed),
        Stage::Sealed | Stage::Final if named => {
            MintStep::Enqueue { replaced: Some(token.position) }
        }
        _ => answer(MintAnswer::OtherOwner(token)),
    }
}

fn answer(answer: MintAnswer) -> MintStep {
    MintStep::Answer(Box::new(answer))
}
