-- Why no signer of a chain takes a nonce until it is resolved.
CREATE TABLE halt (
    chain_id     bigint NOT NULL CHECK (chain_id >= 0),     -- EIP-155
    reason       text   NOT NULL CHECK (reason IN ('restored', 'nonces', 'finality')),
    since        bigint NOT NULL CHECK (since >= 0),        -- ms
    detail       text   NOT NULL,                           -- what was found, for people
    block_number bigint CHECK (block_number >= 0),          -- of the final block that is gone
    PRIMARY KEY (chain_id, reason),
    CHECK ((block_number IS NULL) = (reason <> 'finality'))
);

-- Nonces that were used on chain and are not in tx: an older state of this database was restored,
-- or the key was used elsewhere. An administrator adopted them.
CREATE TABLE nonce_gap (
    signer_id   integer NOT NULL REFERENCES signer (id),
    first_nonce bigint  NOT NULL CHECK (first_nonce >= 0),
    end_nonce   bigint  NOT NULL,                           -- one past the last
    adopted_at  bigint  NOT NULL CHECK (adopted_at >= 0),   -- ms
    PRIMARY KEY (signer_id, first_nonce),
    CHECK (first_nonce < end_nonce)
);

-- A late final block of each chain, which must stay where it is for ever.
CREATE TABLE final_block (
    chain_id bigint PRIMARY KEY CHECK (chain_id >= 0),      -- EIP-155
    number   bigint NOT NULL CHECK (number >= 0),
    hash     bytea  NOT NULL CHECK (octet_length(hash) = 32),
    seen_at  bigint NOT NULL CHECK (seen_at >= 0)           -- ms
);
