//! Statements whose text is the same in both dialects. Parameters are `$1`, `$2`, …, in the order of
//! the columns they meet; units as in the schema.

use domain::BadgeState;

/// A batch with its stream and the sighting of its live anchor or mint; [`crate::rows::batch`] and
/// [`crate::rows::batch_in_stream`] read it. `t` is the batch, `s` its stream.
macro_rules! select_batch {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            include_str!("../sql/stream_columns.sql"),
            "    , ",
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
            include_str!("../sql/revocation_columns.sql"),
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

/// A token with stream, batch and revocation; [`crate::rows::token`] reads it. `k` is the token.
macro_rules! select_token {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            include_str!("../sql/token_columns.sql"),
            "    , ",
            include_str!("../sql/revocation_columns.sql"),
            "    , ",
            include_str!("../sql/stream_columns.sql"),
            "    , ",
            include_str!("../sql/batch_columns.sql"),
            include_str!($from),
            include_str!("../sql/live_anchor.sql"),
            $rest
        )
    };
    ($rest:literal) => {
        select_token!("../sql/from_token.sql", $rest)
    };
}

/// A collection with its stream; [`crate::rows::collection`] reads it.
macro_rules! select_collection {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            include_str!("../sql/collection_columns.sql"),
            "    , ",
            include_str!("../sql/stream_columns.sql"),
            "FROM collection c JOIN stream s ON s.id = c.stream_id\n",
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
pub const BATCH_BY_ID: &str =
    select_batch!("WHERE t.id = $1 AND t.state NOT IN ('genesis', 'split')");
/// One sealed batch.
pub const BATCH_BY_COMMITMENT: &str =
    select_batch!("WHERE t.commitment = $1 AND t.state <> 'split'");
/// Sealed batches above an id, with a limit.
pub const SEALED_BATCHES: &str = select_batch!(
    "WHERE t.id > $1 AND t.state NOT IN ('genesis', 'cut', 'vacated', 'split') ORDER BY t.id LIMIT $2"
);
/// All batches above an id, with a limit.
pub const ALL_BATCHES: &str =
    select_batch!("WHERE t.id > $1 AND t.state NOT IN ('genesis', 'split') ORDER BY t.id LIMIT $2");
/// Batches under construction, oldest first.
pub const CUT_BATCHES: &str = select_batch!(
    "WHERE t.state NOT IN ('genesis', 'final', 'vacated', 'split') AND t.state = 'cut'
ORDER BY t.first_pos"
);
/// Sealed and blocked batches of a chain, with a limit: those to anchor, then those to mint, of which
/// the blocked ones last; nearest deadline first. Blocked mints, which may wait for weeks, must not
/// fill the view.
pub const WAITING_BATCHES: &str = select_batch!(
    "WHERE t.state NOT IN ('genesis', 'final', 'vacated', 'split') AND t.state IN ('sealed', 'blocked')
    AND s.chain_id = $1
ORDER BY CASE WHEN s.kind = 'anchor' THEN 0 WHEN t.state = 'sealed' THEN 1 ELSE 2 END,
    t.deadline_at, t.id LIMIT $2"
);

// Tokens

/// One token.
pub const TOKEN_BY_POSITION: &str = select_token!("WHERE k.pos = $1");
/// A badge's tokens: the one in force, then those replaced, newest first.
pub const TOKENS_OF_BADGE: &str = select_token!(
    "WHERE k.badge_pos = $1
ORDER BY CASE WHEN k.replaced_at IS NULL THEN 0 ELSE 1 END, k.pos DESC"
);
/// Chain, contract; lowest and highest commitment of the id; leaf index.
pub const TOKEN_BY_ID: &str = select_token!(
    "../sql/from_batch_token.sql",
    "WHERE t.commitment >= $3 AND t.commitment <= $4 AND t.state <> 'split'
    AND s.chain_id = $1 AND s.collection = $2 AND +k.leaf_index = $5"
);
/// Sealed tokens of an owner in force above a position, with a limit.
pub const TOKENS_OF_OWNER: &str = select_token!(
    "WHERE k.owner = $1 AND k.pos > $2 AND k.leaf_index IS NOT NULL AND k.badge_pos IS NOT NULL
    AND k.burned_at IS NULL AND k.replaced_at IS NULL
ORDER BY k.pos LIMIT $3"
);
/// Sealed tokens between two positions, the first excluded, with a limit.
pub const SEALED_TOKENS_BETWEEN: &str = select_token!(
    "WHERE k.pos > $1 AND k.pos < $2 AND k.leaf_index IS NOT NULL ORDER BY k.pos LIMIT $3"
);
/// Tokens and requests of a range, with a limit.
pub const TOKENS_BETWEEN: &str =
    select_token!("WHERE k.pos >= $1 AND k.pos < $2 ORDER BY k.pos LIMIT $3");
/// Of a request that is not sealed.
pub const CHANGE_OWNER: &str = include_str!("../sql/change_owner.sql");
/// Another token of the badge takes its place.
pub const REPLACE_TOKEN: &str = include_str!("../sql/replace_token.sql");
/// Deletes a request that is not sealed.
pub const WITHDRAW_TOKEN: &str = include_str!("../sql/withdraw_token.sql");
/// Its badge is to be erased.
pub const UNLINK_TOKEN: &str = include_str!("../sql/unlink_token.sql");
/// Of tokens of a range whose badges were erased.
pub const FORGET_OWNERS: &str = include_str!("../sql/forget_owners.sql");
/// See `sql/burn_token.sql`.
pub const BURN_TOKEN: &str = include_str!("../sql/burn_token.sql");
/// Stream of the collection for an issuer: its own newest volume, else the operator's. The stream of
/// its badges gives chain and registry.
pub const NEWEST_COLLECTION: &str = include_str!("../sql/newest_collection.sql");
/// See `sql/metadata.sql`.
pub const METADATA: &str = include_str!("../sql/metadata.sql");
/// See `sql/delete_metadata.sql`.
pub const DELETE_METADATA: &str = include_str!("../sql/delete_metadata.sql");

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

// Names of requests

/// What a name stands for at a time. Account, hash, time.
pub const KEPT_REQUEST: &str = include_str!("../sql/kept_request.sql");
/// When its badge is erased; the name stays taken.
pub const FORGET_REQUEST: &str = include_str!("../sql/forget_request.sql");
/// Of an insert: a name that ended is given anew. A condition on the end is to follow.
pub const TAKE_EXPIRED_KEY: &str = include_str!("../sql/take_expired_request_key.sql");
/// Names that ended by a time, with a limit.
pub const PRUNE_REQUEST_KEYS: &str = concat!(
    "DELETE FROM request_key WHERE (account_id, key_hash) IN (",
    include_str!("../sql/expired_request_keys.sql"),
    ")"
);

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
/// The same of a range of mint requests, whose windows start with the request.
pub const MINT_RANGE_TIMES: &str = include_str!("../sql/mint_range_times.sql");
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
/// Requests of a range that stand, with the entries of their badges.
pub const MINT_ENTRIES: &str = include_str!("../sql/mint_entries.sql");
/// Requests of a range that stand: position and owner.
pub const STANDING: &str = include_str!("../sql/standing.sql");
/// Owners of a sealed mint batch, by leaf.
pub const OWNERS: &str = include_str!("../sql/owners.sql");
/// cut → vacated.
pub const VACATE_BATCH: &str = include_str!("../sql/vacate_batch.sql");
/// sealed or blocked → split: the range is free for two others.
pub const SPLIT_BATCH: &str = include_str!("../sql/split_batch.sql");
/// Of one batch.
pub const DELETE_TILES: &str = include_str!("../sql/delete_tiles.sql");
/// Deletes the requests of a range whose tokens nobody wants any more: erased, replaced, revoked.
pub const WITHDRAW_DOOMED: &str = include_str!("../sql/withdraw_doomed.sql");
/// Of a range that is not on chain, so that no transaction carries any.
pub const DELETE_REVOCATIONS_BETWEEN: &str = include_str!("../sql/delete_revocations_between.sql");
/// Of a range that is to be sealed anew.
pub const CLEAR_LEAF_INDEXES: &str = include_str!("../sql/clear_leaf_indexes.sql");

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
/// What a signer's live revocations up to a nonce carry, by leaf index.
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
pub const REVOKE_KEYS_OF_ACCOUNT: &str = include_str!("../sql/revoke_keys_of_account.sql");
/// Those that take badges.
pub const DISABLE_ISSUERS_OF_ACCOUNT: &str = include_str!("../sql/disable_issuers_of_account.sql");
/// Those that are active.
pub const REVOKE_KEY: &str = include_str!("../sql/revoke_key.sql");
/// An anchor stream: chain, registry, service, promise.
pub const STREAM_BY_FACTS: &str = include_str!("../sql/stream_by_facts.sql");
/// Id and shard of a stream to be created.
pub const NEXT_STREAM: &str = include_str!("../sql/next_stream.sql");
/// See `sql/insert_stream.sql`.
pub const INSERT_STREAM: &str = include_str!("../sql/insert_stream.sql");
/// The row that a stream's first range follows.
pub const INSERT_GENESIS: &str = include_str!("../sql/insert_genesis.sql");
/// All collections, by id.
pub const COLLECTIONS: &str = select_collection!("ORDER BY c.id");
/// By chain and contract.
pub const COLLECTION_BY_CONTRACT: &str =
    select_collection!("WHERE s.chain_id = $1 AND s.collection = $2");
/// Chain; issuer, or 0 for the operator.
pub const NEXT_VOLUME: &str = include_str!("../sql/next_volume.sql");
/// See `sql/insert_collection.sql`.
pub const INSERT_COLLECTION: &str = include_str!("../sql/insert_collection.sql");
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
/// No row unless the newest version is the one given. Version, time, document.
pub const PUBLISH_TRUST: &str = include_str!("../sql/publish_trust.sql");
/// See `sql/trust_history.sql`.
pub const TRUST_HISTORY: &str = include_str!("../sql/trust_history.sql");

/// See `sql/trust_version.sql`.
pub const TRUST_VERSION: &str = include_str!("../sql/trust_version.sql");

// Following

/// See `sql/followed.sql`.
pub const FOLLOWED: &str = include_str!("../sql/followed.sql");
/// No row changes when a later block is stored.
pub const FOLLOW: &str = include_str!("../sql/follow.sql");
/// Position of a leaf: commitment, chain, registry, index.
pub const LEAF_POSITION: &str = include_str!("../sql/leaf_position.sql");
/// Position, reason, time. A request of ours keeps its own reason and time.
pub const REVOKED_ELSEWHERE: &str = include_str!("../sql/revoked_elsewhere.sql");
/// Deletes a revocation that was final; one that waits stays.
pub const REINSTATED: &str = include_str!("../sql/reinstated.sql");
/// Commitment, chain, registry, reason, time.
pub const BATCH_REVOKED: &str = include_str!("../sql/batch_revoked.sql");
/// Commitment, chain, registry.
pub const BATCH_REINSTATED: &str = include_str!("../sql/batch_reinstated.sql");

// Audit log

/// Rows without a place above a number, by number, with a limit.
pub const LOG_WAITING_ROWS: &str =
    concat!(include_str!("../sql/log_columns.sql"), include_str!("../sql/log_waiting_rows.sql"));
/// Rows from a place on, with a limit.
pub const LOG_FROM: &str =
    concat!(include_str!("../sql/log_columns.sql"), include_str!("../sql/log_from.sql"));
/// By number.
pub const LOG_ROW: &str =
    concat!(include_str!("../sql/log_columns.sql"), include_str!("../sql/log_row.sql"));
/// The first of an action and subject; it reads the whole log.
pub const LOG_ROW_OF: &str =
    concat!(include_str!("../sql/log_columns.sql"), include_str!("../sql/log_row_of.sql"));
/// Rows that have no place, or one from the first parameter on, but for one subject.
pub const LOG_WAITING: &str = include_str!("../sql/log_waiting.sql");
/// The growing edge; a writer locks the row.
pub const LOG_TREE: &str = include_str!("../sql/log_tree.sql");
/// See `sql/grow_log_tree.sql`.
pub const GROW_LOG_TREE: &str = include_str!("../sql/grow_log_tree.sql");
/// See `sql/insert_head.sql`.
pub const INSERT_HEAD: &str = include_str!("../sql/insert_head.sql");
/// Heads above a number, with a limit.
pub const HEADS: &str = include_str!("../sql/heads.sql");
/// See `sql/last_head.sql`.
pub const LAST_HEAD: &str = include_str!("../sql/last_head.sql");
/// The first head over more rows than this.
pub const HEAD_COVERING: &str = include_str!("../sql/head_covering.sql");
/// See `sql/head_entries.sql`.
pub const HEAD_ENTRIES: &str = include_str!("../sql/head_entries.sql");

// Audit

/// Positions below the open ones that are in no batch, or in two.
pub const UNCOVERED: &str = include_str!("../sql/uncovered.sql");
/// Badges above a position of which two tokens stand, with a limit.
pub const TWO_TOKENS: &str = include_str!("../sql/two_tokens.sql");
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
/// See `sql/revocations.sql`.
pub const REVOCATIONS: &str = include_str!("../sql/revocations.sql");
/// See `sql/events.sql`.
pub const EVENTS: &str = include_str!("../sql/events.sql");
/// See `sql/counts.sql`.
pub const COUNTS: &str = include_str!("../sql/counts.sql");

// Halting

/// See `sql/halts.sql`.
pub const HALTS: &str = include_str!("../sql/halts.sql");
/// The first of a reason stands.
pub const INSERT_HALT: &str = include_str!("../sql/insert_halt.sql");
/// See `sql/delete_halt.sql`.
pub const DELETE_HALT: &str = include_str!("../sql/delete_halt.sql");
/// See `sql/final_block.sql`.
pub const FINAL_BLOCK: &str = include_str!("../sql/final_block.sql");
/// See `sql/note_final.sql`.
pub const NOTE_FINAL: &str = include_str!("../sql/note_final.sql");
/// Confirmed transactions of a signer below a nonce, highest first, with a limit.
pub const CONFIRMED_BELOW: &str = include_str!("../sql/confirmed_below.sql");
/// confirmed → live.
pub const REOPEN_TX: &str = include_str!("../sql/reopen_tx.sql");
/// See `sql/forget_observation.sql`.
pub const FORGET_OBSERVATION: &str = include_str!("../sql/forget_observation.sql");
/// final → in flight.
pub const REOPEN_BATCH: &str = include_str!("../sql/reopen_batch.sql");
/// See `sql/reopen_revocations.sql`.
pub const REOPEN_REVOCATIONS: &str = include_str!("../sql/reopen_revocations.sql");

// Restoring

/// See `sql/nonce_gaps.sql`.
pub const NONCE_GAPS: &str = include_str!("../sql/nonce_gaps.sql");
/// See `sql/insert_nonce_gap.sql`.
pub const INSERT_NONCE_GAP: &str = include_str!("../sql/insert_nonce_gap.sql");
/// Requests of a range that are not sealed.
pub const WITHDRAW_OPEN_REQUESTS: &str = include_str!("../sql/withdraw_open_requests.sql");
/// A vacated range, at once.
pub const INSERT_SKIPPED: &str = include_str!("../sql/insert_skipped.sql");
/// Nothing is open, and the next position is this one.
pub const SKIP_STREAM: &str = include_str!("../sql/skip_stream.sql");
/// See `sql/account_of_badge.sql`.
pub const ACCOUNT_OF_BADGE: &str = include_str!("../sql/account_of_badge.sql");

// Fees

/// The first of a slot stands.
pub const INSERT_FEE_SAMPLE: &str = include_str!("../sql/insert_fee_sample.sql");
/// From a slot on, with a limit.
pub const FEE_SAMPLES: &str = include_str!("../sql/fee_samples.sql");
/// Before a slot.
pub const DELETE_FEE_SAMPLES: &str = include_str!("../sql/delete_fee_samples.sql");
/// Chain, purpose: when the newest such transaction was begun.
pub const LAST_FIRST_SEND: &str = include_str!("../sql/last_first_send.sql");

// Promises

/// See `sql/promised_chains.sql`.
pub const PROMISED_CHAINS: &str = include_str!("../sql/promised_chains.sql");
/// See `sql/promise_standing.sql`.
pub const PROMISE_STANDING: &str = include_str!("../sql/promise_standing.sql");
/// Of a chain's anchor batches: reason and time.
pub const LONGEST_BLOCKED: &str = include_str!("../sql/longest_blocked.sql");
/// See `sql/recent_paces.sql`.
pub const RECENT_PACES: &str = include_str!("../sql/recent_paces.sql");
/// What was seen of a chain; a writer locks the row.
pub const PULSE: &str = include_str!("../sql/pulse.sql");
/// See `sql/put_pulse.sql`.
pub const PUT_PULSE: &str = include_str!("../sql/put_pulse.sql");
/// Chain, reason, time; the reason that was read, empty for none.
pub const SET_GATE: &str = include_str!("../sql/set_gate.sql");
/// See `sql/overdue_batches.sql`.
pub const OVERDUE_BATCHES: &str = include_str!("../sql/overdue_batches.sql");
/// See `sql/insert_breach.sql`.
pub const INSERT_BREACH: &str = include_str!("../sql/insert_breach.sql");
/// Above a number, with a limit.
pub const BREACHES: &str = concat!(
    include_str!("../sql/breach_columns.sql"),
    "WHERE r.number > $1 ORDER BY r.number LIMIT $2"
);
/// With a limit.
pub const UNSIGNED_BREACHES: &str = concat!(
    include_str!("../sql/breach_columns.sql"),
    "WHERE r.signature IS NULL ORDER BY r.number LIMIT $1"
);
/// The first signature stands.
pub const SIGN_BREACH: &str = include_str!("../sql/sign_breach.sql");
/// See `sql/end_breaches.sql`.
pub const END_BREACHES: &str = include_str!("../sql/end_breaches.sql");
/// When the newest canary of a chain began.
pub const LAST_CANARY_TIME: &str = include_str!("../sql/last_canary.sql");
/// See `sql/insert_canary.sql`.
pub const INSERT_CANARY: &str = include_str!("../sql/insert_canary.sql");
/// Of a chain, newest first, with a limit.
pub const PENDING_CANARIES: &str = concat!(
    include_str!("../sql/canary_columns.sql"),
    "WHERE chain_id = $1 AND verified_at IS NULL ORDER BY id DESC LIMIT $2"
);
/// The newest of a chain.
pub const LAST_VERIFIED_CANARY: &str = concat!(
    include_str!("../sql/canary_columns.sql"),
    "WHERE chain_id = $1 AND verified_at IS NOT NULL ORDER BY id DESC LIMIT 1"
);
/// Unless it was accepted before.
pub const CANARY_ACCEPTED: &str = "UPDATE canary SET pos = $2 WHERE id = $1 AND pos IS NULL";
/// The first time stands.
pub const CANARY_VERIFIED: &str =
    "UPDATE canary SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL";

/// Gas of a chain's transactions since a time.
pub const GAS_SINCE: &str = include_str!("../sql/gas_since.sql");
