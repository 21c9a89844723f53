-- What a request did that a client gave a name (Idempotency-Key). Written in the transaction of what
-- it did, never before. The answer is made again from these facts; no key and no body is stored.
-- Erasure of the badge leaves the bare key, so that a late repeat does not bring the badge back.
CREATE TABLE request_key (
    account_id   INTEGER NOT NULL REFERENCES account (id),
    key_hash     BLOB    NOT NULL CHECK (length(key_hash) = 32), -- SHA-256 with the account's id
    expires_at   INTEGER NOT NULL CHECK (expires_at >= 0),  -- ms; from then on the key is free
    fingerprint  BLOB    CHECK (length(fingerprint) = 32),  -- SHA-256 of key, method, path, query and body; NULL once erased
    deed         TEXT    CHECK (deed IN ('submission', 'mint', 'revocation')),
    badge_pos    INTEGER REFERENCES badge (pos),            -- NULL once the badge was erased
    repeated     INTEGER CHECK (repeated IN (0, 1)),        -- 1: it was so before, and the answer said so
    token_pos    INTEGER,                                   -- of a mint; no reference: a request may be withdrawn
    requested_at INTEGER CHECK (requested_at >= 0),         -- ms; of a mint or a revocation, as the answer told
    final_at     INTEGER CHECK (final_at >= 0),             -- ms; of a revocation, as the answer told
    PRIMARY KEY (account_id, key_hash),
    CHECK ((fingerprint IS NULL) = (badge_pos IS NULL)),
    CHECK ((deed IS NULL) = (badge_pos IS NULL)),
    CHECK ((repeated IS NULL) = (badge_pos IS NULL)),
    CHECK ((token_pos IS NOT NULL) = (deed IS NOT NULL AND deed = 'mint')),
    CHECK ((requested_at IS NOT NULL) = (deed IS NOT NULL AND deed <> 'submission')),
    CHECK (final_at IS NULL OR (deed IS NOT NULL AND deed = 'revocation'))
) STRICT, WITHOUT ROWID;
CREATE INDEX request_key_of_badge ON request_key (badge_pos) WHERE badge_pos IS NOT NULL;
CREATE INDEX request_key_by_end ON request_key (expires_at);
