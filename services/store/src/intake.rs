//! Badges in, and out again on demand.

use domain::{
    Accepted, AccountId, MintRequest, Position, Revocation, RevocationReason, StreamId, Submission,
    Token,
};
use proof::Timestamp;

use crate::{Idempotency, StoreError};

/// What an erasure did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// The row is gone. The leaf of a sealed batch stays; an open position will be sealed as
    /// vacated.
    Erased,
    /// The batch is being built right now; the caller tries again in a moment.
    BeingSealed,
}

/// A request to revoke one badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevocationRequest {
    /// Whose badge.
    pub account: AccountId,
    /// Which badge.
    pub position: Position,
    /// The code for the event on chain.
    pub reason: RevocationReason,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// What became of a request to mint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MintAnswer {
    /// It is in the queue of its collection. A request that was still open for another owner was
    /// changed to this one, unless it names a third as the one it replaces.
    Requested(Token),
    /// The same owner had been asked for; nothing changed.
    Known(Token),
    /// The badge's token is, or will be, another owner's, and the request does not name that owner
    /// as the one it replaces.
    OtherOwner(Token),
    /// The badge is revoked.
    Revoked,
    /// There is no collection for its issuer.
    NoCollection,
    /// The batch with its token is being built right now; the caller tries again in a moment.
    BeingSealed,
}

/// Submissions, erasure, revocation and mint requests.
#[async_trait::async_trait]
pub trait Intake: Idempotency {
    /// Stores the submissions that are new and returns the facts of all, in input order. Durable on
    /// return. A submission equal in (issuer, rule, digest) to a stored or an earlier one is
    /// [`domain::Acceptance::Known`] and changes nothing. New badges take gapless positions of the
    /// stream in input order. Those with a recipient also take a place in the newest collection of
    /// their issuer on the stream's chain and registry, else in the operator's.
    ///
    /// # Errors
    /// `Limit` above [`crate::MAX_ACCEPT`]; `NotFound` for an unknown stream or issuer, or a
    /// recipient where there is no collection. All or nothing.
    async fn accept(
        &self,
        stream: StreamId,
        submissions: &[Submission],
    ) -> Result<Vec<Accepted>, StoreError>;

    /// Deletes a badge's row, hence its digest, salt and external id, and notes position and time in
    /// the erasure list. The revocation of an open position goes too; that of a sealed leaf stays, as
    /// the leaf does. An open mint request is withdrawn; a sealed token loses its link to the badge,
    /// and its owner once it is on chain. The implementation MUST also remove the bytes from files it
    /// controls (SQLite: `secure_delete` and a truncated write-ahead log).
    ///
    /// # Errors
    /// `NotFound` when the account has no such badge.
    async fn erase(
        &self,
        account: AccountId,
        position: Position,
        now: Timestamp,
    ) -> Result<Erasure, StoreError>;

    /// Asks for a token of a stored badge, in the newest collection of its issuer on the chain and
    /// registry of the badge's stream, else in the operator's. Where it replaces another's, that
    /// token is revoked (superseded) in the same transaction.
    ///
    /// # Errors
    /// `NotFound` when the account has no such badge.
    async fn request_mint(
        &self,
        account: AccountId,
        request: &MintRequest,
    ) -> Result<MintAnswer, StoreError> {
        self.request_mint_claiming(account, request, None).await
    }

    /// Records the request once, for the badge and for its token; a repeat returns the first one
    /// unchanged. A token whose batch is not cut yet is withdrawn; one in a cut batch is minted and
    /// then revoked.
    ///
    /// # Errors
    /// `NotFound` when the account has no such badge.
    async fn request_revocation(
        &self,
        request: RevocationRequest,
    ) -> Result<Revocation, StoreError> {
        self.request_revocation_claiming(request, None).await
    }
}
