//! After a backup was restored: nonces and positions that were used meanwhile, and badges that were
//! erased meanwhile.

use std::ops::Range;

use domain::{Position, SignerId, StreamId};
use proof::Timestamp;

use crate::{Erasure, StoreError};

/// Positions that are left out at once, so that none is given out a second time: more than a service
/// gives out in two weeks at 50,000 a second. A stream has room for 4,096 times as many.
pub const SKIPPED_POSITIONS: u64 = 1 << 36;

/// What becomes of requests to mint that wait uncut in a mint stream whose next positions are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenRequests {
    /// They are cut as they are.
    Keep,
    /// They are withdrawn: the collection has batches that are not in the database, and they may be in
    /// one of them. A token for each would be a second one.
    Withdraw,
}

/// For administrators, and for every start.
#[async_trait::async_trait]
pub trait Restoring: Send + Sync {
    /// Takes the nonces from the signer's next one up to `end` for used elsewhere, with an audit row;
    /// `None` when `end` is not beyond it.
    async fn adopt_nonces(
        &self,
        signer: SignerId,
        end: u64,
        now: Timestamp,
    ) -> Result<Option<Range<u64>>, StoreError>;

    /// Adopted nonces, ascending.
    async fn nonce_gaps(&self, signer: SignerId) -> Result<Vec<Range<u64>>, StoreError>;

    /// Cuts what is open, then leaves out the next [`SKIPPED_POSITIONS`] as a vacated range, with an
    /// audit row; which they are. One transaction.
    ///
    /// # Errors
    /// `Limit` when the stream has no room for it.
    async fn skip_positions(
        &self,
        stream: StreamId,
        requests: OpenRequests,
        now: Timestamp,
    ) -> Result<Range<Position>, StoreError>;

    /// Those of `positions` at which there is a badge; at most [`crate::MAX_PAGE`] may be asked for.
    async fn present(&self, positions: &[Position]) -> Result<Vec<Position>, StoreError>;

    /// Erases a badge that was erased before at `erased_at`, as [`crate::Intake::erase`] does.
    ///
    /// # Errors
    /// `NotFound` when there is no such badge.
    async fn erase_again(
        &self,
        position: Position,
        erased_at: Timestamp,
    ) -> Result<Erasure, StoreError>;
}
