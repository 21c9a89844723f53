-- Units: *_at are milliseconds since 1970-01-01T00:00:00Z, *_ms are milliseconds, fees are wei per
-- gas, hashes are 32 bytes, EVM addresses 20 bytes. A migration is never edited once applied.

-- A platform that posts badges.
CREATE TABLE account (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text   NOT NULL CHECK (name <> ''),          -- for people; need not be unique
    created_at bigint NOT NULL CHECK (created_at >= 0)      -- ms
);

-- A university or body in whose name badges are anchored. The identifier never changes.
CREATE TABLE issuer (
    id              integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      bigint NOT NULL REFERENCES account (id),
    identifier      text   NOT NULL UNIQUE CHECK (length(identifier) BETWEEN 1 AND 512), -- https:// or did:
    identifier_hash bytea  NOT NULL CHECK (octet_length(identifier_hash) = 32), -- SHA-256 of identifier, as in every leaf
    aliases         text   NOT NULL,                        -- JSON array of texts (alsoKnownAs)
    control         text   NOT NULL CHECK (control IN ('well-known', 'did-auth', 'manual')), -- how it was shown
    created_at      bigint NOT NULL CHECK (created_at >= 0),    -- ms
    disabled_at     bigint CHECK (disabled_at >= 0)         -- ms; NULL while badges are taken
);
CREATE INDEX issuer_of_account ON issuer (account_id, id);

-- A bearer's right; the key itself is never stored.
CREATE TABLE api_key (
    hash       bytea    PRIMARY KEY CHECK (octet_length(hash) = 32), -- SHA-256 of the key
    account_id bigint   NOT NULL REFERENCES account (id),
    shown      text     NOT NULL CHECK (shown <> ''),       -- the first characters, to recognise it by
    scopes     smallint NOT NULL CHECK (scopes BETWEEN 1 AND 7), -- bits: 1 ingest, 2 read, 4 admin
    issuers    text     NOT NULL,                           -- JSON array of issuer ids; [] means all of the account
    created_at bigint   NOT NULL CHECK (created_at >= 0),   -- ms
    expires_at bigint   CHECK (expires_at >= 0),            -- ms; NULL: never
    revoked_at bigint   CHECK (revoked_at >= 0)             -- ms; NULL while it is good
);
CREATE INDEX api_key_of_account ON api_key (account_id, created_at);

-- A sequence of positions: of badges to anchor, or of requests to mint in one collection. The facts
-- up to promise_ms stand in receipts and never change. The row is updated by every transaction that
-- gives out positions; the room left in its page keeps that cheap.
CREATE TABLE stream (
    id               smallint PRIMARY KEY CHECK (id >= 1),  -- the high bits of its positions
    chain_id         bigint   NOT NULL CHECK (chain_id >= 0),   -- EIP-155
    registry         bytea    NOT NULL CHECK (octet_length(registry) = 20), -- AnchorRegistry
    service          text     NOT NULL,                     -- the service's identifier in receipts
    kind             text     NOT NULL CHECK (kind IN ('anchor', 'mint')),
    collection       bytea    CHECK (octet_length(collection) = 20), -- BadgeToken that it mints in; NULL: it anchors
    shard            smallint NOT NULL CHECK (shard >= 0),
    promise_ms       bigint   NOT NULL CHECK (promise_ms > 0),  -- length of the promise, ms
    next_pos         bigint   NOT NULL,                     -- the next position to be given out
    open_from        bigint   NOT NULL,                     -- end of the last cut range: the first open position
    open_since       bigint,                                -- ms; when the oldest open badge was accepted
    open_deadline_at bigint,                                -- ms; the earliest deadline of the open badges
    UNIQUE (chain_id, registry, kind, shard),
    UNIQUE (chain_id, collection),                          -- one stream a collection
    UNIQUE (id, chain_id),                                  -- for references
    CHECK ((kind = 'mint') = (collection IS NOT NULL)),
    CHECK (open_from >> 48 = id AND next_pos >> 48 = id AND open_from <= next_pos),
    CHECK ((open_since IS NULL) = (open_from = next_pos)),
    CHECK ((open_deadline_at IS NULL) = (open_from = next_pos))
) WITH (fillfactor = 20);

-- One row per accepted badge; written once, deleted by erasure, never updated.
CREATE TABLE badge (
    pos               bigint   PRIMARY KEY CHECK (pos >= 0),    -- stream << 48 | gapless number
    accepted_at       bigint   NOT NULL CHECK (accepted_at >= 0),   -- ms
    window_started_at bigint   CHECK (window_started_at >= 0),  -- ms; the learner's acceptance, by the platform's word
    issuer_id         integer  NOT NULL REFERENCES issuer (id),
    rule              smallint NOT NULL CHECK (rule BETWEEN 1 AND 5),   -- digest rule, code as in the leaf
    digest            bytea    NOT NULL CHECK (octet_length(digest) = 32),
    id_tag            bytea    CHECK (octet_length(id_tag) = 16),   -- keyed hash of the badge's own id; NULL: not read here, or it has none
    salt              bytea    NOT NULL CHECK (octet_length(salt) = 32),    -- random; its deletion is the erasure
    external_id       text     CHECK (octet_length(external_id) BETWEEN 1 AND 200), -- the platform's own name
    public_lookup     smallint NOT NULL CHECK (public_lookup IN (0, 1)), -- 1: who has the badge finds its proof
    recipient         bytea    CHECK (octet_length(recipient) = 20 AND recipient <> '\x0000000000000000000000000000000000000000'), -- as asked for at intake; see token
    UNIQUE (digest, rule, issuer_id)                        -- lookup by digest, and idempotency
);
CREATE INDEX badge_by_id_tag ON badge (id_tag, pos) WHERE id_tag IS NOT NULL;
CREATE INDEX badge_of_issuer ON badge (issuer_id, pos);
CREATE INDEX badge_by_external_id ON badge (issuer_id, external_id, pos) WHERE external_id IS NOT NULL;

-- What the issuer made public of a badge, for its token. Deleted with the badge.
CREATE TABLE badge_metadata (
    pos      bigint PRIMARY KEY REFERENCES badge (pos),
    document text   NOT NULL                              -- JSON of PublicMetadata
);

-- The badges, or mint requests, at positions first_pos..end_pos of a stream. A stream begins with a
-- genesis row, and each range begins where another of the stream ends, once: no gap, no overlap. A
-- mint batch that needed too much gas is split: it gives its range to two others and keeps its seal,
-- which burned transactions of it may name. A mint batch is vacated when all its requests were
-- withdrawn before it was sealed.
CREATE TABLE batch (
    id                 bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id          smallint NOT NULL REFERENCES stream (id),
    first_pos          bigint,                              -- NULL in the genesis row and once split
    end_pos            bigint,                              -- one past the last position; NULL once split
    state              text     NOT NULL CHECK (state IN ('genesis', 'cut', 'sealed', 'blocked', 'in_flight', 'final', 'vacated', 'split')),
    cut_at             bigint   NOT NULL CHECK (cut_at >= 0),       -- ms
    deadline_at        bigint   NOT NULL CHECK (deadline_at >= 0),  -- ms; the earliest of its badges or requests
    size               bigint   CHECK (size BETWEEN 1 AND end_pos - first_pos), -- leaves; fewer than positions where mint requests were withdrawn
    root               bytea    CHECK (octet_length(root) = 32),            -- RFC 9162
    blockcerts_root    bytea    CHECK (octet_length(blockcerts_root) = 32), -- zeros: no Blockcerts tree
    commitment         bytea    CHECK (octet_length(commitment) = 32),     -- what is anchored
    owners_hash        bytea    CHECK (octet_length(owners_hash) = 32),    -- Keccak-256 of the code with the owners; NULL: anchored, not minted
    blocked_reason     text     CHECK (blocked_reason IN ('paused', 'role', 'funds', 'full', 'gas', 'reverts')),
    blocked_since      bigint   CHECK (blocked_since >= 0),         -- ms
    final_tx_hash      bytea    CHECK (octet_length(final_tx_hash) = 32),   -- NULL: no receipt of ours was seen
    final_block_number bigint   CHECK (final_block_number >= 0),
    final_block_hash   bytea    CHECK (octet_length(final_block_hash) = 32),
    final_block_time   bigint   CHECK (final_block_time >= 0),      -- ms; the registry's timestamp
    revoked_reason     smallint CHECK (revoked_reason IN (0, 1, 3, 4, 5, 9)), -- CRLReason; the whole batch was revoked on chain
    revoked_at         bigint   CHECK (revoked_at >= 0),            -- ms; time of the block
    UNIQUE (stream_id, first_pos),
    UNIQUE (stream_id, end_pos),
    FOREIGN KEY (stream_id, first_pos) REFERENCES batch (stream_id, end_pos) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((first_pos IS NULL) = (state IN ('genesis', 'split'))),
    CHECK ((end_pos IS NULL) = (state = 'split')),
    CHECK (first_pos < end_pos),
    CHECK (state <> 'genesis' OR end_pos = stream_id::bigint << 48),
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
);
CREATE UNIQUE INDEX batch_genesis ON batch (stream_id) WHERE state = 'genesis';
CREATE INDEX batch_unfinished ON batch (stream_id, deadline_at)
    WHERE state NOT IN ('genesis', 'final', 'vacated', 'split');
-- what was split may be sealed as before, when the leaves of one half had all left
CREATE UNIQUE INDEX batch_by_commitment ON batch (commitment) WHERE state <> 'split';
CREATE INDEX batch_late ON batch (id) WHERE final_block_time > deadline_at;

-- the open part begins where the last range ends
ALTER TABLE stream ADD FOREIGN KEY (id, open_from) REFERENCES batch (stream_id, end_pos)
    DEFERRABLE INITIALLY DEFERRED;

-- A BadgeToken contract that this service mints in. New requests of an issuer go to its newest volume.
CREATE TABLE collection (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id  smallint NOT NULL UNIQUE,                       -- its mint requests; registry and contract stand there
    chain_id   bigint   NOT NULL,                              -- EIP-155, as in its stream
    issuer_id  integer  REFERENCES issuer (id),               -- NULL: the operator's, for issuers without their own
    volume     integer  NOT NULL CHECK (volume >= 1),         -- 1, 2, 3, … of its issuer on its chain
    from_block bigint   NOT NULL CHECK (from_block >= 0),      -- block of its deployment
    code_hash  bytea    NOT NULL CHECK (octet_length(code_hash) = 32), -- Keccak-256 of the deployed code
    created_at bigint   NOT NULL CHECK (created_at >= 0),      -- ms
    FOREIGN KEY (stream_id, chain_id) REFERENCES stream (id, chain_id)
);
CREATE UNIQUE INDEX collection_volume ON collection (chain_id, COALESCE(issuer_id, 0), volume);

-- A request to mint a badge's token, and the token. One that is withdrawn before its batch is cut is
-- deleted, and its position gets no leaf.
CREATE TABLE token (
    pos          bigint  PRIMARY KEY CHECK (pos >= 0),          -- mint stream << 48 | gapless number
    badge_pos    bigint  REFERENCES badge (pos),                -- NULL once the badge was erased
    owner        bytea   CHECK (octet_length(owner) = 20 AND owner <> '\x0000000000000000000000000000000000000000'), -- NULL once the badge was erased and the batch is final
    salt         bytea   CHECK (octet_length(salt) = 32),  -- of its leaf, in place of the badge's; NULL once the badge was erased
    requested_at bigint  NOT NULL CHECK (requested_at >= 0),    -- ms
    leaf_index   integer CHECK (leaf_index >= 0),               -- in its batch, by owner and position; NULL until sealed
    burned_at    bigint  CHECK (burned_at >= 0),                -- ms; the owner burned it, by a final block
    replaced_at  bigint  CHECK (replaced_at >= 0),              -- ms; another token of the badge took its place
    CHECK ((salt IS NULL) = (badge_pos IS NULL)),
    CHECK (owner IS NOT NULL OR badge_pos IS NULL),
    CHECK (leaf_index IS NOT NULL OR badge_pos IS NOT NULL),
    CHECK (leaf_index IS NOT NULL OR (burned_at IS NULL AND replaced_at IS NULL))
);
-- a badge has one token at a time
CREATE UNIQUE INDEX token_of_badge ON token (badge_pos) WHERE replaced_at IS NULL;
CREATE INDEX tokens_of_badge ON token (badge_pos, pos) WHERE badge_pos IS NOT NULL;
CREATE INDEX token_of_owner ON token (owner, pos)
    WHERE leaf_index IS NOT NULL AND badge_pos IS NOT NULL AND burned_at IS NULL AND replaced_at IS NULL;

-- Up to 256 neighbouring hashes of one level of a batch's tree; immutable.
CREATE TABLE tile (
    batch_id   bigint   NOT NULL REFERENCES batch (id),
    level      smallint NOT NULL CHECK (level BETWEEN 0 AND 3), -- 0: leaves
    tile_index bigint   NOT NULL CHECK (tile_index >= 0),       -- from the left, from 0
    hashes     bytea    NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (batch_id, level, tile_index)
);
-- hashes do not compress; trying costs time on each write
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- A key with one nonce sequence.
CREATE TABLE signer (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id   bigint NOT NULL CHECK (chain_id >= 0),       -- EIP-155
    address    bytea  NOT NULL CHECK (octet_length(address) = 20),
    base_nonce bigint NOT NULL CHECK (base_nonce >= 0),     -- the first nonce that is ours
    UNIQUE (chain_id, address)
);

-- Who may write for a signer.
CREATE TABLE lease (
    signer_id  integer PRIMARY KEY REFERENCES signer (id),
    holder     text,                                        -- NULL once given back
    epoch      bigint NOT NULL CHECK (epoch >= 1),          -- rises with each change of holder
    expires_at bigint NOT NULL                              -- ms
) WITH (fillfactor = 20);

-- One nonce of a signer.
CREATE TABLE tx (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    signer_id   integer NOT NULL REFERENCES signer (id),
    nonce       bigint  NOT NULL CHECK (nonce >= 0),
    batch_id    bigint  NOT NULL REFERENCES batch (id),
    purpose     text    NOT NULL CHECK (purpose IN ('anchor', 'mint', 'revoke')),
    state       text    NOT NULL CHECK (state IN ('live', 'confirmed', 'burned')),
    burn_reason text    CHECK (burn_reason IN ('reverted', 'foreign')),
    UNIQUE (signer_id, nonce),
    CHECK ((burn_reason IS NULL) = (state <> 'burned'))
);
CREATE UNIQUE INDEX tx_live ON tx (batch_id, purpose) WHERE state = 'live';
CREATE INDEX tx_live_of_signer ON tx (signer_id, nonce) WHERE state = 'live';

-- A signed form of a transaction, stored before it is sent.
CREATE TABLE attempt (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx_id            bigint NOT NULL REFERENCES tx (id),
    hash             bytea  NOT NULL UNIQUE CHECK (octet_length(hash) = 32),    -- Keccak-256 of raw
    raw              bytea  NOT NULL CHECK (octet_length(raw) > 0),             -- EIP-2718 envelope
    gas_limit        bigint NOT NULL CHECK (gas_limit > 0),                     -- gas
    max_fee          bigint NOT NULL CHECK (max_fee > 0),                       -- wei per gas
    max_priority_fee bigint NOT NULL CHECK (max_priority_fee BETWEEN 0 AND max_fee),    -- wei per gas
    created_at       bigint NOT NULL CHECK (created_at >= 0),                   -- ms
    created_block    bigint NOT NULL CHECK (created_block >= 0),                -- head of the chain then
    UNIQUE (tx_id, max_fee)
);

-- The last fact seen on chain about a transaction's purpose, read at one block.
CREATE TABLE observation (
    tx_id                 bigint PRIMARY KEY REFERENCES tx (id),
    block_number          bigint NOT NULL CHECK (block_number >= 0),
    block_hash            bytea  NOT NULL CHECK (octet_length(block_hash) = 32),
    effect                text   NOT NULL CHECK (effect IN ('present', 'pending', 'burned')),
    observed_at           bigint NOT NULL CHECK (observed_at >= 0),             -- ms
    included_tx_hash      bytea  CHECK (octet_length(included_tx_hash) = 32),   -- NULL: no receipt of ours was seen
    included_block_number bigint CHECK (included_block_number >= 0),
    included_block_hash   bytea  CHECK (octet_length(included_block_hash) = 32),
    included_block_time   bigint CHECK (included_block_time >= 0),              -- ms; the registry's timestamp
    CHECK (included_tx_hash IS NULL OR effect = 'present'),
    CHECK ((included_block_number IS NULL) = (effect <> 'present')),
    CHECK ((included_block_hash IS NULL) = (effect <> 'present')),
    CHECK ((included_block_time IS NULL) = (effect <> 'present'))
);

-- The leaf of a badge or of a token to be revoked on chain, or revoked there by another key. No
-- reference to badge or token: an erased badge's leaf stays, and so does its revocation.
CREATE TABLE revocation (
    pos          bigint   PRIMARY KEY CHECK (pos >= 0),
    reason       smallint NOT NULL CHECK (reason IN (0, 1, 3, 4, 5, 9)),  -- CRLReason of RFC 5280, as in the registry's event
    requested_at bigint   NOT NULL CHECK (requested_at >= 0),       -- ms
    tx_id        bigint   REFERENCES tx (id),                       -- NULL while no transaction carries it
    final_at     bigint   CHECK (final_at >= 0)                    -- ms; seen at a final block
);
CREATE INDEX revocation_waiting ON revocation (requested_at, pos) WHERE tx_id IS NULL AND final_at IS NULL;
CREATE INDEX revocation_of_tx ON revocation (tx_id, pos) WHERE tx_id IS NOT NULL;

-- Erased positions; replayed after a restore from a backup.
CREATE TABLE erasure (
    pos       bigint PRIMARY KEY CHECK (pos >= 0),
    erased_at bigint NOT NULL CHECK (erased_at >= 0)        -- ms
);

-- Events that receivers are told of, one per batch and event.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id   bigint NOT NULL REFERENCES batch (id),
    event      text   NOT NULL CHECK (event <> ''),         -- as batch.final
    created_at bigint NOT NULL CHECK (created_at >= 0),     -- ms
    UNIQUE (batch_id, event)
);

-- Who did what; never a digest, a salt or a person.
CREATE TABLE audit_log (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      bigint NOT NULL CHECK (at >= 0),                -- ms
    actor   text   NOT NULL,                                -- as administrator, account 1, signer 1
    action  text   NOT NULL CHECK (action <> ''),           -- as issuer.add
    subject text   NOT NULL                                 -- as issuer 7
);

-- Registries that this service has used.
CREATE TABLE registry (
    chain_id   bigint NOT NULL CHECK (chain_id >= 0),       -- EIP-155
    address    bytea  NOT NULL CHECK (octet_length(address) = 20),
    from_block bigint NOT NULL CHECK (from_block >= 0),     -- block of its deployment
    code_hash  bytea  NOT NULL CHECK (octet_length(code_hash) = 32), -- Keccak-256 of the deployed code
    created_at bigint NOT NULL CHECK (created_at >= 0),     -- ms
    PRIMARY KEY (chain_id, address)
);

-- How far the events of a registry or collection were read.
CREATE TABLE followed (
    chain_id bigint NOT NULL CHECK (chain_id >= 0),         -- EIP-155
    contract bytea  NOT NULL CHECK (octet_length(contract) = 20),
    block    bigint NOT NULL CHECK (block >= 0),            -- the last one whose events were stored; final
    PRIMARY KEY (chain_id, contract)
);

-- Keys that signed receipts; never removed.
CREATE TABLE receipt_key (
    key_id     bytea  PRIMARY KEY CHECK (octet_length(key_id) = 32),    -- SHA-256 of public_key
    public_key bytea  NOT NULL CHECK (octet_length(public_key) = 32),   -- Ed25519
    not_before bigint NOT NULL CHECK (not_before >= 0),     -- ms
    not_after  bigint CHECK (not_after >= not_before),      -- ms; NULL while in use
    revoked_at bigint CHECK (revoked_at >= 0)               -- ms; NULL unless compromised
);

-- Published trust files; never removed.
CREATE TABLE trust_version (
    version      bigint PRIMARY KEY CHECK (version >= 1),   -- 1, 2, 3, …
    published_at bigint NOT NULL CHECK (published_at >= 0),     -- ms
    document     text   NOT NULL                            -- JSON
);
