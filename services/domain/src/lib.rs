//! The service's words and rules: accounts, issuers, keys, badges, batches, transactions, the
//! seal policy, deadlines, the fee policy, and where time and randomness come from.
//!
//! Pure but for the two providers in `clock` and `entropy`.

mod account;
mod badge;
mod batch;
mod clock;
mod entropy;
mod fees;
mod id_tag;
mod ids;
mod key;
mod promise;
mod revocation;
mod seal;
mod stream;
mod transaction;

pub use account::{Account, Control, Issuer};
pub use badge::{
    Acceptance, Accepted, BadgeRecord, BadgeState, ExternalId, ExternalIdError,
    MAX_EXTERNAL_ID_LEN, Submission,
};
pub use batch::{Batch, BatchState, BlockedReason, Inclusion, InvalidTransition, Seal};
pub use clock::{Clock, ManualClock, SystemClock};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use fees::{FeePolicy, FeeQuote, Fees, OnCap};
pub use id_tag::IdTag;
pub use ids::{AccountId, BatchId, IssuerId, Position, SignerId, StreamId, TransactionId};
pub use key::{ApiKey, ApiKeyRecord, KeyError, KeyGrant, Scope, Scopes};
pub use promise::{PromiseStatus, Window, WindowError};
pub use revocation::{MAX_REVOKED_INDEXES, Revocation, RevocationReason};
pub use seal::{SealPolicy, SealReason};
pub use stream::{Stream, StreamKind, StreamView};
pub use transaction::{
    Attempt, Block, BurnReason, Effect, LiveTransaction, Observation, Purpose, Signer,
    TransactionState,
};
