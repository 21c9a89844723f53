//! The service's words and rules: accounts, issuers, keys, badges, batches, transactions, the
//! seal policy, deadlines, the fee policy, and where time and randomness come from.
//!
//! Pure but for the two providers in `clock` and `entropy`.

mod account;
mod badge;
mod batch;
mod clock;
mod collection;
mod contract_event;
mod entropy;
mod fees;
mod id_tag;
mod ids;
mod key;
mod metadata;
mod promise;
mod revocation;
mod seal;
mod stream;
mod token;
mod transaction;

pub use account::{Account, Control, Issuer};
pub use badge::{
    Acceptance, Accepted, BadgeRecord, BadgeState, ExternalId, ExternalIdError,
    MAX_EXTERNAL_ID_LEN, Submission,
};
pub use batch::{Batch, BatchState, BlockedReason, Inclusion, InvalidTransition, Seal};
pub use clock::{Clock, ManualClock, SystemClock};
pub use collection::{
    Collection, MAX_COLLECTION_BATCHES, NEARLY_FULL_COLLECTION_BATCHES, NewCollection,
};
pub use contract_event::ContractEvent;
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use fees::{
    AbsurdFee, Decision, DecisionReason, Due, FEE_SLOT_MS, FeeAlarm, FeeHistory, FeeOutlook,
    FeePolicy, FeeQuote, FeeSample, Fees, MAX_BASE_FEE, OnCap, SendTiming,
};
pub use id_tag::IdTag;
pub use ids::{
    AccountId, BatchId, CollectionId, IssuerId, Position, SignerId, StreamId, TransactionId,
};
pub use key::{ApiKey, ApiKeyRecord, KeyError, KeyGrant, Scope, Scopes};
pub use metadata::{Attribute as MetadataAttribute, Level, MetadataError, PublicMetadata};
pub use promise::{
    Alarm, BreachEnd, BreachRecord, CANARY_ISSUER, CLOCK_SPREAD_MS, Canary, Clocks, ClosedReason,
    DECIDE_MS, GRACE_MS, Gate, GatePolicy, Look, OverdueBatch, PAGE_MS, PromiseStatus, Pulse, Seen,
    Standing, Thresholds, UnknownClosedReason, WARN_MS, Window, WindowError, canary_is_due,
};
pub use revocation::{MAX_REVOKED_INDEXES, Revocation, RevocationReason};
pub use seal::{SealPolicy, SealReason};
pub use stream::{Stream, StreamKind, StreamView};
pub use token::{MAX_MINT_BATCH, MintRequest, MintState, Recipient, Token};
pub use transaction::{
    Attempt, Block, BurnReason, Effect, LiveTransaction, Mint, Observation, Purpose, Signer,
    TransactionState,
};
