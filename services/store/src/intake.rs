//! Badges in, and out again on demand.

use domain::{Accepted, AccountId, Position, Revocation, RevocationReason, StreamId, Submission};
use proof::Timestamp;

use crate::StoreError;

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

/// Submissions, erasure, revocation requests.
#[async_trait::async_trait]
pub trait Intake: Send + Sync {
    /// Stores the submissions that are new and returns the facts of all, in input order. Durable on
    /// return. A submission equal in (issuer, rule, digest) to a stored or an earlier one is
    /// [`domain::Acceptance::Known`] and changes nothing. New badges take gapless positions of the
    /// stream in input order.
    ///
    /// # Errors
    /// `Limit` above [`crate::MAX_ACCEPT`]; `NotFound` for an unknown stream or issuer. All or nothing.
    async fn accept(
        &self,
        stream: StreamId,
        submissions: &[Submission],
    ) -> Result<Vec<Accepted>, StoreError>;

    /// Deletes a badge's row, hence its digest, salt and external id, and notes position and time in
    /// the erasure list. The revocation of an open position goes too; that of a sealed leaf stays, as
    /// the leaf does. The implementation MUST also remove the bytes from files it controls (SQLite:
    /// `secure_delete` and a truncated write-ahead log).
    ///
    /// # Errors
    /// `NotFound` when the account has no such badge.
    async fn erase(
        &self,
        account: AccountId,
        position: Position,
        now: Timestamp,
    ) -> Result<Erasure, StoreError>;

    /// Records the request once; a repeat returns the first one unchanged.
    ///
    /// # Errors
    /// `NotFound` when the account has no such badge.
    async fn request_revocation(
        &self,
        request: RevocationRequest,
    ) -> Result<Revocation, StoreError>;
}
