-- Why no signer of a chain takes a nonce until it is resolved.
CREATE TABLE halt (
    chain_id     INTEGER NOT NULL CHECK (chain_id >= 0),    -- EIP-155
    reason       TEXT    NOT NULL CHECK (reason IN ('restored', 'nonces', 'finality')),
    since        INTEGER NOT NULL CHECK (since >= 0),       -- ms
    detail       TEXT    NOT NULL,                          -- what was found, for people
    block_number INTEGER CHECK (block_number >= 0),         -- of the final block that is gone
    PRIMARY KEY (chain_id, reason),
    CHECK ((block_number IS NULL) = (reason <> 'finality'))
) STRICT;

-- Nonces that were used on chain and are not in tx: an older state of this database was restored,
-- or the key was used elsewhere. An administrator adopted them.
CREATE TABLE nonce_gap (
    signer_id   INTEGER NOT NULL REFERENCES signer (id),
    first_nonce INTEGER NOT NULL CHECK (first_nonce >= 0),
    end_nonce   INTEGER NOT NULL,                           -- one past the last
    adopted_at  INTEGER NOT NULL CHECK (adopted_at >= 0),   -- ms
    PRIMARY KEY (signer_id, first_nonce),
    CHECK (first_nonce < end_nonce)
) STRICT;

-- A late final block of each chain, which must stay where it is for ever.
CREATE TABLE final_block (
    chain_id INTEGER PRIMARY KEY CHECK (chain_id >= 0),     -- EIP-155
    number   INTEGER NOT NULL CHECK (number >= 0),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    seen_at  INTEGER NOT NULL CHECK (seen_at >= 0)          -- ms
) STRICT;
