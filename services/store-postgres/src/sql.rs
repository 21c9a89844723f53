//! Statements that only PostgreSQL has: arrays as parameters, and row locks.

/// The facts of stored badges by key. Digests, rules, issuers. The LIMIT keeps each key a search of
/// the unique index: left to itself, the planner reads the whole table for a large call.
pub(crate) const KNOWN_BADGES: &str = "
SELECT b.* FROM UNNEST($1::bytea[], $2::smallint[], $3::integer[]) AS k (digest, rule, issuer_id)
CROSS JOIN LATERAL (
    SELECT digest, rule, issuer_id, pos, salt, accepted_at, window_started_at, external_id,
        public_lookup, recipient,
        (SELECT m.document FROM badge_metadata m WHERE m.pos = badge.pos) AS metadata
    FROM badge WHERE digest = k.digest AND rule = k.rule AND issuer_id = k.issuer_id LIMIT 1
) b";

/// One array a column.
pub(crate) const INSERT_BADGES: &str = "
INSERT INTO badge
    (pos, accepted_at, window_started_at, issuer_id, rule, digest, salt, external_id,
    public_lookup, recipient, id_tag)
SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::smallint[],
    $6::bytea[], $7::bytea[], $8::text[], $9::smallint[], $10::bytea[], $11::bytea[])";

/// One array a column.
pub(crate) const INSERT_METADATA: &str = "
INSERT INTO badge_metadata (pos, document) SELECT * FROM UNNEST($1::bigint[], $2::text[])";

/// One array a column.
pub(crate) const INSERT_TOKENS: &str = "
INSERT INTO token (pos, badge_pos, owner, salt, requested_at)
SELECT * FROM UNNEST($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[])";

/// Gives each token of an array its place in the array as leaf index.
pub(crate) const NUMBER_LEAVES: &str = "
UPDATE token SET leaf_index = leaf.number - 1
FROM UNNEST($1::bigint[]) WITH ORDINALITY AS leaf (pos, number) WHERE token.pos = leaf.pos";

/// Batch; then levels, indexes and hashes as arrays. A tile that is there is left alone.
pub(crate) const INSERT_TILES: &str = "
INSERT INTO tile (batch_id, level, tile_index, hashes)
SELECT $1, k.* FROM UNNEST($2::smallint[], $3::bigint[], $4::bytea[]) AS k
ON CONFLICT (batch_id, level, tile_index) DO NOTHING";

/// Rows, places and leaves of the audit log as arrays.
pub(crate) const PLACE_LOG: &str = "
UPDATE audit_log SET leaf_index = place.leaf_index, leaf = place.leaf
FROM UNNEST($1::bigint[], $2::bigint[], $3::bytea[]) AS place (id, leaf_index, leaf)
WHERE audit_log.id = place.id AND audit_log.leaf_index IS NULL";

/// Transaction, positions as an array, range: waiting revocations within the range.
pub(crate) const ASSIGN_REVOCATIONS: &str = "
UPDATE revocation SET tx_id = $1
WHERE pos = ANY($2) AND tx_id IS NULL AND final_at IS NULL AND pos >= $3 AND pos < $4";

/// Names of requests that are stored. Accounts, hashes.
pub(crate) const REQUEST_KEYS: &str = "
SELECT r.account_id, r.key_hash, r.expires_at
FROM UNNEST($1::bigint[], $2::bytea[]) AS k (account_id, key_hash)
JOIN request_key r ON r.account_id = k.account_id AND r.key_hash = k.key_hash";

/// One array a column, then the time by which a name may have ended.
pub(crate) const KEEP_REQUESTS: &str = concat!(
    "INSERT INTO request_key (account_id, key_hash, expires_at, fingerprint, deed, badge_pos,
    repeated, token_pos, requested_at, final_at)
SELECT * FROM UNNEST($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[], $5::text[],
    $6::bigint[], $7::smallint[], $8::bigint[], $9::bigint[], $10::bigint[])
",
    include_str!("../../store/sql/take_expired_request_key.sql"),
    "WHERE request_key.expires_at <= $11"
);

/// As [`store::sql::PRUNE_REQUEST_KEYS`]; names that another transaction has in hand are left to it.
pub(crate) const PRUNE_REQUEST_KEYS: &str = concat!(
    "DELETE FROM request_key WHERE (account_id, key_hash) IN (",
    include_str!("../../store/sql/expired_request_keys.sql"),
    "FOR UPDATE SKIP LOCKED)"
);

/// The server's time in milliseconds.
pub(crate) const NOW: &str =
    "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS bigint) AS now";

/// Held until the transaction ends, so that whoever reads ids upwards never misses a row that
/// took a lower one and was committed later. One number a table.
pub(crate) const ORDER_IDS: &str = "SELECT pg_advisory_xact_lock(748193206, $1)";
/// For [`ORDER_IDS`].
pub(crate) const BATCH_IDS: i32 = 1;
/// For [`ORDER_IDS`].
pub(crate) const OUTBOX_IDS: i32 = 2;
/// For [`ORDER_IDS`].
pub(crate) const STREAM_IDS: i32 = 3;
/// For [`ORDER_IDS`].
pub(crate) const ISSUER_IDS: i32 = 5;

/// For [`ORDER_IDS`].
pub(crate) const BREACH_NUMBERS: i32 = 30;

macro_rules! with_lock {
    ($file:literal, $lock:literal) => {
        concat!(include_str!(concat!("../../store/sql/", $file, ".sql")), $lock)
    };
}

/// Whoever holds it is the only one to give out or cut positions of the stream.
pub(crate) const LOCK_OPEN_RANGE: &str = with_lock!("open_range", "FOR UPDATE");
/// Whoever holds it is the only one to erase or revoke the badge, or to change its tokens.
pub(crate) const LOCK_BADGE_OF_ACCOUNT: &str = with_lock!("badge_of_account", "FOR UPDATE OF b");
/// The state of the batch of a position cannot be changed by another.
pub(crate) const LOCK_COVERING_STATE: &str = with_lock!("covering_state", "FOR UPDATE");
/// The lease cannot be taken over until the transaction ends.
pub(crate) const KEEP_LEASE: &str = with_lock!("lease_held", "FOR SHARE");
/// The transaction's state cannot be changed by another.
pub(crate) const LOCK_TRANSACTION_OF_SIGNER: &str =
    with_lock!("transaction_of_signer", "FOR UPDATE");
/// The batch's state cannot be changed by another.
pub(crate) const LOCK_BATCH: &str = "SELECT id FROM batch WHERE id = $1 FOR UPDATE";
/// Whoever holds it is the only one to give places in the audit log, or to make a head of it.
pub(crate) const LOCK_LOG_TREE: &str = with_lock!("log_tree", "FOR UPDATE");
/// Whoever holds it is the only one to look at the chain or to begin a canary of it.
pub(crate) const LOCK_PULSE: &str = with_lock!("pulse", "FOR UPDATE");
