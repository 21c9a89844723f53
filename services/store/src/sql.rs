//! Statements whose text is the same in both dialects. Parameters are `$1`, `$2`, …, in the order of
//! the columns they meet; units as in the schema.

use domain::BadgeState;

/// A batch with the sighting of its live anchor; [`crate::rows::batch`] reads it. `t` is the batch,
/// `s` its stream.
macro_rules! select_batch {
    ($rest:literal) => {
        concat!(
            "SELECT s.registry,\n    ",
            include_str!("../sql/batch_columns.sql"),
            include_str!("../sql/from_batch.sql"),
            include_str!("../sql/live_anchor.sql"),
            $rest
        )
    };
}

/// A badge with issuer, stream, batch and revocation; [`crate::rows::badge`] reads it.
macro_rules! select_badge {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            include_str!("../sql/badge_columns.sql"),
            "    , ",
            include_str!("../sql/stream_columns.sql"),
            "    , ",
            include_str!("../sql/batch_columns.sql"),
            include_str!("../sql/from_badge.sql"),
            include_str!("../sql/live_anchor.sql"),
            $rest
        )
    };
}

/// Positions only, for a `WHERE` of the dialect; see [`SELECT_BADGE`] and [`in_state`].
pub const SELECT_POSITIONS: &str = concat!(
    "SELECT b.pos\n",
    include_str!("../sql/from_badge.sql"),
    include_str!("../sql/live_anchor.sql")
);

/// The condition on a row of [`SELECT_BADGE`] that agrees with [`domain::BadgeRecord::state`].
#[must_use]
pub const fn in_state(state: BadgeState) -> &'static str {
    match state {
        BadgeState::Accepted => "t.id IS NULL",
        BadgeState::Sealed => "t.state IN ('cut', 'sealed', 'blocked')",
        BadgeState::Submitted => "t.state = 'in_flight' AND o.tx_id IS NULL",
        BadgeState::Included => "t.state = 'in_flight' AND o.tx_id IS NOT NULL",
        BadgeState::Final => "t.state = 'final'",
    }
}

/// For a `WHERE` of the dialect; `b` is the badge, `t` its batch, `o` the sighting of its anchor.
pub const SELECT_BADGE: &str = select_badge!("");
/// The badge at a position.
pub const BADGE_BY_POSITION: &str = select_badge!("WHERE b.pos = $1");
/// Badges of a digest and rule, with a limit.
pub const BADGES_BY_DIGEST: &str =
    select_badge!("WHERE b.digest = $1 AND b.rule = $2 ORDER BY b.pos LIMIT $3");
/// Badges of an id's tag, with a limit.
pub const BADGES_BY_ID_TAG: &str = select_badge!("WHERE b.id_tag = $1 ORDER BY b.pos LIMIT $2");
/// One batch.
pub const BATCH_BY_ID: &str = select_batch!("WHERE t.id = $1 AND t.state <> 'genesis'");
/// One sealed batch.
pub const BATCH_BY_COMMITMENT: &str = select_batch!("WHERE t.commitment = $1");
/// Sealed batches above an id, with a limit.
pub const SEALED_BATCHES: &str =
    select_batch!("WHERE t.id > $1 AND t.state NOT IN ('genesis', 'cut') ORDER BY t.id LIMIT $2");
/// All batches above an id, with a limit.
pub const ALL_BATCHES: &str =
    select_batch!("WHERE t.id > $1 AND t.state <> 'genesis' ORDER BY t.id LIMIT $2");
/// Batches under construction, oldest first.
pub const CUT_BATCHES: &str = select_batch!(
    "WHERE t.state NOT IN ('genesis', 'final') AND t.state = 'cut' ORDER BY t.first_pos"
);
/// Sealed and blocked batches of a chain, nearest deadline first, with a limit.
pub const WAITING_BATCHES: &str = select_batch!(
    "WHERE t.state NOT IN ('genesis', 'final') AND t.state IN ('sealed', 'blocked')
    AND s.chain_id = $1
ORDER BY t.deadline_at, t.id LIMIT $2"
);

// Intake

/// After new badges: next position, oldest open badge, earliest open deadline.
pub const ADVANCE_STREAM: &str = include_str!("../sql/advance_stream.sql");
/// Whether an account has a badge at a position.
pub const BADGE_OF_ACCOUNT: &str = include_str!("../sql/badge_of_account.sql");
/// State of the batch that holds a position of a stream; no row while it is open.
pub const COVERING_STATE: &str = include_str!("../sql/covering_state.sql");
/// See `sql/delete_badge.sql`.
pub const DELETE_BADGE: &str = include_str!("../sql/delete_badge.sql");
/// Unless a transaction carries it.
pub const DELETE_REVOCATION: &str = include_str!("../sql/delete_revocation.sql");
/// See `sql/insert_erasure.sql`.
pub const INSERT_ERASURE: &str = include_str!("../sql/insert_erasure.sql");
/// The first request stands.
pub const INSERT_REVOCATION: &str = include_str!("../sql/insert_revocation.sql");
/// See `sql/revocation.sql`.
pub const REVOCATION: &str = include_str!("../sql/revocation.sql");

// Lookup

/// See `sql/tile.sql`.
pub const TILE: &str = include_str!("../sql/tile.sql");
/// The promise at a time.
pub const PROMISE_STATUS: &str = include_str!("../sql/promise_status.sql");

// Sealing

/// See `sql/streams.sql`.
pub const STREAMS: &str = include_str!("../sql/streams.sql");
/// What of a stream is open; a writer locks the row.
pub const OPEN_RANGE: &str = include_str!("../sql/open_range.sql");
/// The batch that begins at a position.
pub const BATCH_AT: &str = include_str!("../sql/batch_at.sql");
/// Earliest acceptance and earliest start of a window in a range.
pub const RANGE_TIMES: &str = include_str!("../sql/range_times.sql");
/// See `sql/insert_cut.sql`.
pub const INSERT_CUT: &str = include_str!("../sql/insert_cut.sql");
/// After a cut: what remains open.
pub const CUT_STREAM: &str = include_str!("../sql/cut_stream.sql");
/// See `sql/entries.sql`.
pub const ENTRIES: &str = include_str!("../sql/entries.sql");
/// A tile that is there is left alone.
pub const INSERT_TILE: &str = include_str!("../sql/insert_tile.sql");
/// cut → sealed.
pub const SEAL: &str = include_str!("../sql/seal.sql");

// Signing

/// See `sql/insert_signer.sql`.
pub const INSERT_SIGNER: &str = include_str!("../sql/insert_signer.sql");
/// See `sql/signer_by_address.sql`.
pub const SIGNER_BY_ADDRESS: &str = include_str!("../sql/signer_by_address.sql");
/// See `sql/signer_by_id.sql`.
pub const SIGNER_BY_ID: &str = include_str!("../sql/signer_by_id.sql");
/// Takes or renews; no row while another holder has it. Signer, holder, now, end.
pub const TAKE_LEASE: &str = include_str!("../sql/take_lease.sql");
/// See `sql/release_lease.sql`.
pub const RELEASE_LEASE: &str = include_str!("../sql/release_lease.sql");
/// One row while the epoch is in force; a writer locks it.
pub const LEASE_HELD: &str = include_str!("../sql/lease_held.sql");
/// See `sql/next_nonce.sql`.
pub const NEXT_NONCE: &str = include_str!("../sql/next_nonce.sql");
/// See `sql/live_transactions.sql`.
pub const LIVE_TRANSACTIONS: &str = include_str!("../sql/live_transactions.sql");
/// Attempts of a signer's live transactions up to a nonce, oldest first.
pub const LIVE_ATTEMPTS: &str = include_str!("../sql/live_attempts.sql");
/// What a signer's live revocations up to a nonce carry, by position.
pub const LIVE_REVOCATIONS: &str = include_str!("../sql/live_revocations.sql");
/// Of final batches of a chain that have no live revocation.
pub const WAITING_REVOCATIONS: &str = include_str!("../sql/waiting_revocations.sql");
/// See `sql/insert_tx.sql`.
pub const INSERT_TX: &str = include_str!("../sql/insert_tx.sql");
/// See `sql/insert_attempt.sql`.
pub const INSERT_ATTEMPT: &str = include_str!("../sql/insert_attempt.sql");
/// sealed or blocked → in flight.
pub const BATCH_IN_FLIGHT: &str = include_str!("../sql/batch_in_flight.sql");
/// Puts a waiting revocation within a range into a transaction.
pub const ASSIGN_REVOCATION: &str = include_str!("../sql/assign_revocation.sql");
/// sealed or blocked → blocked; the same reason keeps its time.
pub const BLOCK_BATCH: &str = include_str!("../sql/block_batch.sql");
/// See `sql/transaction_of_signer.sql`.
pub const TRANSACTION_OF_SIGNER: &str = include_str!("../sql/transaction_of_signer.sql");
/// See `sql/last_fees.sql`.
pub const LAST_FEES: &str = include_str!("../sql/last_fees.sql");
/// See `sql/observe.sql`.
pub const OBSERVE: &str = include_str!("../sql/observe.sql");
/// live → confirmed or burned.
pub const END_TRANSACTION: &str = include_str!("../sql/end_transaction.sql");
/// in flight → final.
pub const BATCH_FINAL: &str = include_str!("../sql/batch_final.sql");
/// in flight → sealed.
pub const BATCH_REQUEUED: &str = include_str!("../sql/batch_requeued.sql");
/// See `sql/finish_revocations.sql`.
pub const FINISH_REVOCATIONS: &str = include_str!("../sql/finish_revocations.sql");
/// See `sql/requeue_revocations.sql`.
pub const REQUEUE_REVOCATIONS: &str = include_str!("../sql/requeue_revocations.sql");
/// See `sql/insert_outbox.sql`.
pub const INSERT_OUTBOX: &str = include_str!("../sql/insert_outbox.sql");
/// See `sql/insert_audit.sql`.
pub const INSERT_AUDIT: &str = include_str!("../sql/insert_audit.sql");

// Administration

/// See `sql/insert_account.sql`.
pub const INSERT_ACCOUNT: &str = include_str!("../sql/insert_account.sql");
/// See `sql/accounts.sql`.
pub const ACCOUNTS: &str = include_str!("../sql/accounts.sql");
/// See `sql/insert_issuer.sql`.
pub const INSERT_ISSUER: &str = include_str!("../sql/insert_issuer.sql");
/// See `sql/issuers.sql`.
pub const ISSUERS: &str = include_str!("../sql/issuers.sql");
/// See `sql/issuers_of_account.sql`.
pub const ISSUERS_OF_ACCOUNT: &str = include_str!("../sql/issuers_of_account.sql");
/// The first time stands.
pub const DISABLE_ISSUER: &str = include_str!("../sql/disable_issuer.sql");
/// See `sql/insert_key.sql`.
pub const INSERT_KEY: &str = include_str!("../sql/insert_key.sql");
/// See `sql/key.sql`.
pub const KEY: &str = include_str!("../sql/key.sql");
/// See `sql/keys_of_account.sql`.
pub const KEYS_OF_ACCOUNT: &str = include_str!("../sql/keys_of_account.sql");
/// Those that are active.
pub const REVOKE_KEY: &str = include_str!("../sql/revoke_key.sql");
/// See `sql/stream_by_facts.sql`.
pub const STREAM_BY_FACTS: &str = include_str!("../sql/stream_by_facts.sql");
/// Id and shard of a stream to be created.
pub const NEXT_STREAM: &str = include_str!("../sql/next_stream.sql");
/// See `sql/insert_stream.sql`.
pub const INSERT_STREAM: &str = include_str!("../sql/insert_stream.sql");
/// The row that a stream's first range follows.
pub const INSERT_GENESIS: &str = include_str!("../sql/insert_genesis.sql");
/// See `sql/insert_registry.sql`.
pub const INSERT_REGISTRY: &str = include_str!("../sql/insert_registry.sql");
/// See `sql/registry.sql`.
pub const REGISTRY: &str = include_str!("../sql/registry.sql");
/// See `sql/registries.sql`.
pub const REGISTRIES: &str = include_str!("../sql/registries.sql");
/// See `sql/insert_receipt_key.sql`.
pub const INSERT_RECEIPT_KEY: &str = include_str!("../sql/insert_receipt_key.sql");
/// See `sql/receipt_keys.sql`.
pub const RECEIPT_KEYS: &str = include_str!("../sql/receipt_keys.sql");
/// See `sql/publish_trust.sql`.
pub const PUBLISH_TRUST: &str = include_str!("../sql/publish_trust.sql");
/// See `sql/trust_history.sql`.
pub const TRUST_HISTORY: &str = include_str!("../sql/trust_history.sql");

// Audit

/// See `sql/tiles_after.sql`.
pub const TILES_AFTER: &str = include_str!("../sql/tiles_after.sql");
/// See `sql/signers.sql`.
pub const SIGNERS: &str = include_str!("../sql/signers.sql");
/// See `sql/transactions.sql`.
pub const TRANSACTIONS: &str = include_str!("../sql/transactions.sql");
/// Attempts of a signer's nonces between two, both included, oldest first.
pub const ATTEMPTS_BETWEEN: &str = include_str!("../sql/attempts_between.sql");
/// See `sql/erased.sql`.
pub const ERASED: &str = include_str!("../sql/erased.sql");
/// See `sql/events.sql`.
pub const EVENTS: &str = include_str!("../sql/events.sql");
/// See `sql/counts.sql`.
pub const COUNTS: &str = include_str!("../sql/counts.sql");
