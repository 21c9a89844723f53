-- Units: *_at are milliseconds since 1970-01-01T00:00:00Z, *_ms are milliseconds, fees are wei per
-- gas, hashes are 32 bytes, EVM addresses 20 bytes. A migration is never edited once applied.

-- A platform that posts badges.
CREATE TABLE account (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL CHECK (name <> ''),         -- for people; need not be unique
    created_at INTEGER NOT NULL CHECK (created_at >= 0)     -- ms
) STRICT;

-- A university or body in whose name badges are anchored. The identifier never changes.
CREATE TABLE issuer (
    id              INTEGER PRIMARY KEY CHECK (id <= 2147483647),
    account_id      INTEGER NOT NULL REFERENCES account (id),
    identifier      TEXT    NOT NULL UNIQUE CHECK (length(identifier) BETWEEN 1 AND 512), -- https:// or did:
    identifier_hash BLOB    NOT NULL CHECK (length(identifier_hash) = 32), -- SHA-256 of identifier, as in every leaf
    aliases         TEXT    NOT NULL,                       -- JSON array of texts (alsoKnownAs)
    control         TEXT    NOT NULL CHECK (control IN ('well-known', 'did-auth', 'manual')), -- how it was shown
    created_at      INTEGER NOT NULL CHECK (created_at >= 0),   -- ms
    disabled_at     INTEGER CHECK (disabled_at >= 0)        -- ms; NULL while badges are taken
) STRICT;
CREATE INDEX issuer_of_account ON issuer (account_id, id);

-- A bearer's right; the key itself is never stored.
CREATE TABLE api_key (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the key
    account_id INTEGER NOT NULL REFERENCES account (id),
    shown      TEXT    NOT NULL CHECK (shown <> ''),        -- the first characters, to recognise it by
    scopes     INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 7), -- bits: 1 ingest, 2 read, 4 admin
    issuers    TEXT    NOT NULL,                            -- JSON array of issuer ids; [] means all of the account
    created_at INTEGER NOT NULL CHECK (created_at >= 0),    -- ms
    expires_at INTEGER CHECK (expires_at >= 0),             -- ms; NULL: never
    revoked_at INTEGER CHECK (revoked_at >= 0)              -- ms; NULL while it is good
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_of_account ON api_key (account_id, created_at);

-- A sequence of positions: of badges to anchor, or of requests to mint in one collection. The facts
-- up to promise_ms stand in receipts and never change.
CREATE TABLE stream (
    id               INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 32767), -- the high bits of its positions
    chain_id         INTEGER NOT NULL CHECK (chain_id >= 0),    -- EIP-155
    registry         BLOB    NOT NULL CHECK (length(registry) = 20), -- AnchorRegistry
    service          TEXT    NOT NULL,                      -- the service's identifier in receipts
    kind             TEXT    NOT NULL CHECK (kind IN ('anchor', 'mint')),
    collection       BLOB    CHECK (length(collection) = 20), -- BadgeToken that it mints in; NULL: it anchors
    shard            INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 32767),
    promise_ms       INTEGER NOT NULL CHECK (promise_ms > 0),   -- length of the promise, ms
    next_pos         INTEGER NOT NULL,                      -- the next position to be given out
    open_from        INTEGER NOT NULL,                      -- end of the last cut range: the first open position
    open_since       INTEGER,                               -- ms; when the oldest open badge was accepted
    open_deadline_at INTEGER,                               -- ms; the earliest deadline of the open badges
    UNIQUE (chain_id, registry, kind, shard),
    UNIQUE (chain_id, collection),                          -- one stream a collection
    UNIQUE (id, chain_id),                                  -- for references
    CHECK ((kind = 'mint') = (collection IS NOT NULL)),
    FOREIGN KEY (id, open_from) REFERENCES batch (stream_id, end_pos) DEFERRABLE INITIALLY DEFERRED,
    CHECK (open_from >= id * 281474976710656 AND open_from <= next_pos),    -- 2^48
    CHECK (next_pos < (id + 1) * 281474976710656),
    CHECK ((open_since IS NULL) = (open_from = next_pos)),
    CHECK ((open_deadline_at IS NULL) = (open_from = next_pos))
) STRICT;

-- One row per accepted badge; written once, deleted by erasure, never updated.
CREATE TABLE badge (
    pos               INTEGER PRIMARY KEY CHECK (pos >= 0), -- stream << 48 | gapless number
    accepted_at       INTEGER NOT NULL CHECK (accepted_at >= 0),    -- ms
    window_started_at INTEGER CHECK (window_started_at >= 0),   -- ms; the learner's acceptance, by the platform's word
    issuer_id         INTEGER NOT NULL REFERENCES issuer (id),
    rule              INTEGER NOT NULL CHECK (rule BETWEEN 1 AND 5), -- digest rule, code as in the leaf
    digest            BLOB    NOT NULL CHECK (length(digest) = 32),
    id_tag            BLOB     CHECK (length(id_tag) = 16), -- keyed hash of the badge's own id; NULL: not read here, or it has none
    salt              BLOB    NOT NULL CHECK (length(salt) = 32),    -- random; its deletion is the erasure
    external_id       TEXT    CHECK (length(CAST(external_id AS BLOB)) BETWEEN 1 AND 200), -- the platform's own name
    public_lookup     INTEGER  NOT NULL CHECK (public_lookup IN (0, 1)), -- 1: who has the badge finds its proof
    recipient         BLOB     CHECK (length(recipient) = 20 AND recipient <> zeroblob(20)), -- as asked for at intake; see token
    UNIQUE (digest, rule, issuer_id)                        -- lookup by digest, and idempotency
) STRICT;
CREATE INDEX badge_by_id_tag ON badge (id_tag, pos) WHERE id_tag IS NOT NULL;
CREATE INDEX badge_of_issuer ON badge (issuer_id, pos);
CREATE INDEX badge_by_external_id ON badge (issuer_id, external_id, pos) WHERE external_id IS NOT NULL;

-- What the issuer made public of a badge, for its token. Deleted with the badge.
CREATE TABLE badge_metadata (
    pos      INTEGER PRIMARY KEY REFERENCES badge (pos),
    document TEXT    NOT NULL                              -- JSON of PublicMetadata
) STRICT;

-- The badges, or mint requests, at positions first_pos..end_pos of a stream. A stream begins with a
-- genesis row, and each range begins where another of the stream ends, once: no gap, no overlap. A
-- mint batch that needed too much gas is split: it gives its range to two others and keeps its seal,
-- which burned transactions of it may name. A mint batch is vacated when all its requests were
-- withdrawn before it was sealed.
CREATE TABLE batch (
    id                 INTEGER PRIMARY KEY,
    stream_id          INTEGER NOT NULL REFERENCES stream (id),
    first_pos          INTEGER,                              -- NULL in the genesis row and once split
    end_pos            INTEGER,                              -- one past the last position; NULL once split
    state              TEXT    NOT NULL CHECK (state IN ('genesis', 'cut', 'sealed', 'blocked', 'in_flight', 'final', 'vacated', 'split')),
    cut_at             INTEGER NOT NULL CHECK (cut_at >= 0),        -- ms
    deadline_at        INTEGER NOT NULL CHECK (deadline_at >= 0),   -- ms; the earliest of its badges or requests
    size               INTEGER CHECK (size BETWEEN 1 AND end_pos - first_pos), -- leaves; fewer than positions where mint requests were withdrawn
    root               BLOB    CHECK (length(root) = 32),           -- RFC 9162
    blockcerts_root    BLOB    CHECK (length(blockcerts_root) = 32),    -- zeros: no Blockcerts tree
    commitment         BLOB    CHECK (length(commitment) = 32),         -- what is anchored
    owners_hash        BLOB    CHECK (length(owners_hash) = 32),        -- Keccak-256 of the code with the owners; NULL: anchored, not minted
    blocked_reason     TEXT    CHECK (blocked_reason IN ('paused', 'role', 'funds', 'full', 'gas', 'reverts')),
    blocked_since      INTEGER CHECK (blocked_since >= 0),          -- ms
    final_tx_hash      BLOB    CHECK (length(final_tx_hash) = 32),  -- NULL: no receipt of ours was seen
    final_block_number INTEGER CHECK (final_block_number >= 0),
    final_block_hash   BLOB    CHECK (length(final_block_hash) = 32),
    final_block_time   INTEGER CHECK (final_block_time >= 0),       -- ms; the registry's timestamp
    revoked_reason     INTEGER CHECK (revoked_reason IN (0, 1, 3, 4, 5, 9)), -- CRLReason; the whole batch was revoked on chain
    revoked_at         INTEGER CHECK (revoked_at >= 0),             -- ms; time of the block
    UNIQUE (stream_id, first_pos),
    UNIQUE (stream_id, end_pos),
    FOREIGN KEY (stream_id, first_pos) REFERENCES batch (stream_id, end_pos) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((first_pos IS NULL) = (state IN ('genesis', 'split'))),
    CHECK ((end_pos IS NULL) = (state = 'split')),
    CHECK (first_pos < end_pos),
    CHECK (state <> 'genesis' OR end_pos = stream_id * 281474976710656),    -- 2^48
    CHECK ((size IS NULL) = (state IN ('genesis', 'cut', 'vacated'))),
    CHECK (owners_hash IS NOT NULL OR size = end_pos - first_pos),
    CHECK (owners_hash IS NULL OR size IS NOT NULL),
    CHECK (owners_hash IS NOT NULL OR state <> 'split'),
    CHECK ((root IS NULL) = (size IS NULL)),
    CHECK ((blockcerts_root IS NULL) = (size IS NULL)),
    CHECK ((commitment IS NULL) = (size IS NULL)),
    CHECK ((blocked_reason IS NULL) = (state <> 'blocked')),
    CHECK ((blocked_since IS NULL) = (state <> 'blocked')),
    CHECK (final_tx_hash IS NULL OR state = 'final'),
    CHECK ((final_block_number IS NULL) = (state <> 'final')),
    CHECK ((final_block_hash IS NULL) = (state <> 'final')),
    CHECK ((final_block_time IS NULL) = (state <> 'final')),
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX batch_genesis ON batch (stream_id) WHERE state = 'genesis';
CREATE INDEX batch_unfinished ON batch (stream_id, deadline_at)
    WHERE state NOT IN ('genesis', 'final', 'vacated', 'split');
-- what was split may be sealed as before, when the leaves of one half had all left
CREATE UNIQUE INDEX batch_by_commitment ON batch (commitment) WHERE state <> 'split';
CREATE INDEX batch_late ON batch (id) WHERE final_block_time > deadline_at;

-- A BadgeToken contract that this service mints in. New requests of an issuer go to its newest volume.
CREATE TABLE collection (
    id         INTEGER PRIMARY KEY CHECK (id <= 2147483647),
    stream_id  INTEGER NOT NULL UNIQUE,                       -- its mint requests; registry and contract stand there
    chain_id   INTEGER NOT NULL,                              -- EIP-155, as in its stream
    issuer_id  INTEGER REFERENCES issuer (id),                -- NULL: the operator's, for issuers without their own
    volume     INTEGER NOT NULL CHECK (volume >= 1),          -- 1, 2, 3, … of its issuer on its chain
    from_block INTEGER NOT NULL CHECK (from_block >= 0),      -- block of its deployment
    code_hash  BLOB    NOT NULL CHECK (length(code_hash) = 32), -- Keccak-256 of the deployed code
    created_at INTEGER NOT NULL CHECK (created_at >= 0),      -- ms
    FOREIGN KEY (stream_id, chain_id) REFERENCES stream (id, chain_id)
) STRICT;
CREATE UNIQUE INDEX collection_volume ON collection (chain_id, COALESCE(issuer_id, 0), volume);

-- A request to mint a badge's token, and the token. One that is withdrawn before its batch is cut is
-- deleted, and its position gets no leaf.
CREATE TABLE token (
    pos          INTEGER PRIMARY KEY CHECK (pos >= 0),          -- mint stream << 48 | gapless number
    badge_pos    INTEGER REFERENCES badge (pos),                -- NULL once the badge was erased
    owner        BLOB    CHECK (length(owner) = 20 AND owner <> zeroblob(20)), -- NULL once the badge was erased and the batch is final
    salt         BLOB    CHECK (length(salt) = 32),  -- of its leaf, in place of the badge's; NULL once the badge was erased
    requested_at INTEGER NOT NULL CHECK (requested_at >= 0),    -- ms
    leaf_index   INTEGER CHECK (leaf_index >= 0),               -- in its batch, by owner and position; NULL until sealed
    burned_at    INTEGER CHECK (burned_at >= 0),                -- ms; the owner burned it, by a final block
    replaced_at  INTEGER CHECK (replaced_at >= 0),              -- ms; another token of the badge took its place
    CHECK ((salt IS NULL) = (badge_pos IS NULL)),
    CHECK (owner IS NOT NULL OR badge_pos IS NULL),
    CHECK (leaf_index IS NOT NULL OR badge_pos IS NOT NULL),
    CHECK (leaf_index IS NOT NULL OR (burned_at IS NULL AND replaced_at IS NULL))
) STRICT;
-- a badge has one token at a time
CREATE UNIQUE INDEX token_of_badge ON token (badge_pos) WHERE replaced_at IS NULL;
CREATE INDEX tokens_of_badge ON token (badge_pos, pos) WHERE badge_pos IS NOT NULL;
CREATE INDEX token_of_owner ON token (owner, pos)
    WHERE leaf_index IS NOT NULL AND badge_pos IS NOT NULL AND burned_at IS NULL AND replaced_at IS NULL;

-- Up to 256 neighbouring hashes of one level of a batch's tree; immutable.
CREATE TABLE tile (
    batch_id   INTEGER NOT NULL REFERENCES batch (id),
    level      INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),  -- 0: leaves
    tile_index INTEGER NOT NULL CHECK (tile_index >= 0),        -- from the left, from 0
    hashes     BLOB    NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (batch_id, level, tile_index)
) STRICT;

-- A key with one nonce sequence.
CREATE TABLE signer (
    id         INTEGER PRIMARY KEY CHECK (id <= 2147483647),
    chain_id   INTEGER NOT NULL CHECK (chain_id >= 0),      -- EIP-155
    address    BLOB    NOT NULL CHECK (length(address) = 20),
    base_nonce INTEGER NOT NULL CHECK (base_nonce >= 0),    -- the first nonce that is ours
    UNIQUE (chain_id, address)
) STRICT;

-- Who may write for a signer.
CREATE TABLE lease (
    signer_id  INTEGER PRIMARY KEY REFERENCES signer (id),
    holder     TEXT,                                        -- NULL once given back
    epoch      INTEGER NOT NULL CHECK (epoch >= 1),         -- rises with each change of holder
    expires_at INTEGER NOT NULL                             -- ms
) STRICT;

-- One nonce of a signer.
CREATE TABLE tx (
    id          INTEGER PRIMARY KEY,
    signer_id   INTEGER NOT NULL REFERENCES signer (id),
    nonce       INTEGER NOT NULL CHECK (nonce >= 0),
    batch_id    INTEGER NOT NULL REFERENCES batch (id),
    purpose     TEXT    NOT NULL CHECK (purpose IN ('anchor', 'mint', 'revoke')),
    state       TEXT    NOT NULL CHECK (state IN ('live', 'confirmed', 'burned')),
    burn_reason TEXT    CHECK (burn_reason IN ('reverted', 'foreign')),
    UNIQUE (signer_id, nonce),
    CHECK ((burn_reason IS NULL) = (state <> 'burned'))
) STRICT;
CREATE UNIQUE INDEX tx_live ON tx (batch_id, purpose) WHERE state = 'live';
CREATE INDEX tx_live_of_signer ON tx (signer_id, nonce) WHERE state = 'live';

-- A signed form of a transaction, stored before it is sent.
CREATE TABLE attempt (
    id               INTEGER PRIMARY KEY,
    tx_id            INTEGER NOT NULL REFERENCES tx (id),
    hash             BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),  -- Keccak-256 of raw
    raw              BLOB    NOT NULL CHECK (length(raw) > 0),           -- EIP-2718 envelope
    gas_limit        INTEGER NOT NULL CHECK (gas_limit > 0),             -- gas
    max_fee          INTEGER NOT NULL CHECK (max_fee > 0),               -- wei per gas
    max_priority_fee INTEGER NOT NULL CHECK (max_priority_fee BETWEEN 0 AND max_fee),    -- wei per gas
    created_at       INTEGER NOT NULL CHECK (created_at >= 0),           -- ms
    created_block    INTEGER NOT NULL CHECK (created_block >= 0),        -- head of the chain then
    UNIQUE (tx_id, max_fee)
) STRICT;

-- The last fact seen on chain about a transaction's purpose, read at one block.
CREATE TABLE observation (
    tx_id                 INTEGER PRIMARY KEY REFERENCES tx (id),
    block_number          INTEGER NOT NULL CHECK (block_number >= 0),
    block_hash            BLOB    NOT NULL CHECK (length(block_hash) = 32),
    effect                TEXT    NOT NULL CHECK (effect IN ('present', 'pending', 'burned')),
    observed_at           INTEGER NOT NULL CHECK (observed_at >= 0),     -- ms
    included_tx_hash      BLOB    CHECK (length(included_tx_hash) = 32), -- NULL: no receipt of ours was seen
    included_block_number INTEGER CHECK (included_block_number >= 0),
    included_block_hash   BLOB    CHECK (length(included_block_hash) = 32),
    included_block_time   INTEGER CHECK (included_block_time >= 0),      -- ms; the registry's timestamp
    CHECK (included_tx_hash IS NULL OR effect = 'present'),
    CHECK ((included_block_number IS NULL) = (effect <> 'present')),
    CHECK ((included_block_hash IS NULL) = (effect <> 'present')),
    CHECK ((included_block_time IS NULL) = (effect <> 'present'))
) STRICT;

-- The leaf of a badge or of a token to be revoked on chain, or revoked there by another key. No
-- reference to badge or token: an erased badge's leaf stays, and so does its revocation.
CREATE TABLE revocation (
    pos          INTEGER PRIMARY KEY CHECK (pos >= 0),
    reason       INTEGER NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),   -- CRLReason of RFC 5280, as in the registry's event
    requested_at INTEGER NOT NULL CHECK (requested_at >= 0),        -- ms
    tx_id        INTEGER REFERENCES tx (id),                        -- NULL while no transaction carries it
    final_at     INTEGER CHECK (final_at >= 0)                     -- ms; seen at a final block
) STRICT;
CREATE INDEX revocation_waiting ON revocation (requested_at, pos) WHERE tx_id IS NULL AND final_at IS NULL;
CREATE INDEX revocation_of_tx ON revocation (tx_id, pos) WHERE tx_id IS NOT NULL;

-- Erased positions; replayed after a restore from a backup.
CREATE TABLE erasure (
    pos       INTEGER PRIMARY KEY CHECK (pos >= 0),
    erased_at INTEGER NOT NULL CHECK (erased_at >= 0)       -- ms
) STRICT;

-- Events that receivers are told of, one per batch and event.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    batch_id   INTEGER NOT NULL REFERENCES batch (id),
    event      TEXT    NOT NULL CHECK (event <> ''),        -- as batch.final
    created_at INTEGER NOT NULL CHECK (created_at >= 0),    -- ms
    UNIQUE (batch_id, event)
) STRICT;

-- Who did what; never a digest, a salt or a person.
CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL CHECK (at >= 0),               -- ms
    actor   TEXT    NOT NULL,                               -- as administrator, account 1, signer 1
    action  TEXT    NOT NULL CHECK (action <> ''),          -- as issuer.add
    subject TEXT    NOT NULL                                -- as issuer 7
) STRICT;

-- Registries that this service has used.
CREATE TABLE registry (
    chain_id   INTEGER NOT NULL CHECK (chain_id >= 0),      -- EIP-155
    address    BLOB    NOT NULL CHECK (length(address) = 20),
    from_block INTEGER NOT NULL CHECK (from_block >= 0),    -- block of its deployment
    code_hash  BLOB    NOT NULL CHECK (length(code_hash) = 32), -- Keccak-256 of the deployed code
    created_at INTEGER NOT NULL CHECK (created_at >= 0),    -- ms
    PRIMARY KEY (chain_id, address)
) STRICT, WITHOUT ROWID;

-- How far the events of a registry or collection were read.
CREATE TABLE followed (
    chain_id INTEGER NOT NULL CHECK (chain_id >= 0),         -- EIP-155
    contract BLOB    NOT NULL CHECK (length(contract) = 20),
    block    INTEGER NOT NULL CHECK (block >= 0),            -- the last one whose events were stored; final
    PRIMARY KEY (chain_id, contract)
) STRICT, WITHOUT ROWID;

-- Keys that signed receipts; never removed.
CREATE TABLE receipt_key (
    key_id     BLOB    NOT NULL PRIMARY KEY CHECK (length(key_id) = 32),    -- SHA-256 of public_key
    public_key BLOB    NOT NULL CHECK (length(public_key) = 32),            -- Ed25519
    not_before INTEGER NOT NULL CHECK (not_before >= 0),    -- ms
    not_after  INTEGER CHECK (not_after >= not_before),     -- ms; NULL while in use
    revoked_at INTEGER CHECK (revoked_at >= 0)              -- ms; NULL unless compromised
) STRICT, WITHOUT ROWID;

-- Published trust files; never removed.
CREATE TABLE trust_version (
    version      INTEGER PRIMARY KEY CHECK (version >= 1),  -- 1, 2, 3, …
    published_at INTEGER NOT NULL CHECK (published_at >= 0),    -- ms
    document     TEXT    NOT NULL                           -- JSON
) STRICT;
