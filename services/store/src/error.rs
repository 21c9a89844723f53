//! What a caller of the store can be told.

use domain::InvalidTransition;

/// Why a transaction did not happen. Nothing of it was stored, except where it says "unknown".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full, or gave up after retries. Try again later. Whether
    /// the transaction was committed is unknown when the connection broke during the commit: read
    /// again by natural key.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A rule of the schema refused the write: another writer was first, or a caller's bug.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The row does not exist (or belongs to another account).
    #[error("not found")]
    NotFound,
    /// The lease is no longer held; the writer must stop.
    #[error("the lease was taken over")]
    StaleLease,
    /// Another request was given the same name, and what it did is stored: read it.
    #[error("the request's name is taken")]
    KeyTaken,
    /// A step that the state machine does not have.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// A stored value that no version of this program writes. Stop and look.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// The schema is missing, older or newer than this program's.
    #[error("schema: {0}")]
    Schema(String),
    /// More than the documented limit was asked for.
    #[error("over the limit: {0}")]
    Limit(String),
}
