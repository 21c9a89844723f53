-- The audit log as a tree, whose heads are anchored.

-- Places and leaves of rows (services/proof/FORMAT.md, section 14) are given by the daily job; rows
-- themselves are inserted and never changed.
ALTER TABLE audit_log
    ADD COLUMN leaf_index bigint CHECK (leaf_index >= 0),       -- from 0; NULL: waits
    ADD COLUMN leaf bytea CHECK (octet_length(leaf) = 32),      -- SHA-256 of the row
    ADD CHECK ((leaf IS NULL) = (leaf_index IS NULL));
CREATE UNIQUE INDEX audit_log_by_leaf ON audit_log (leaf_index) WHERE leaf_index IS NOT NULL;
CREATE INDEX audit_log_waiting ON audit_log (id) WHERE leaf_index IS NULL;

-- The growing edge of the tree; whoever writes places holds this row.
CREATE TABLE audit_tree (
    id    smallint PRIMARY KEY CHECK (id = 1),
    size  bigint   NOT NULL CHECK (size >= 0),                      -- leaves
    roots bytea    NOT NULL CHECK (octet_length(roots) % 32 = 0)    -- of the largest full subtrees, from the left
);
INSERT INTO audit_tree (id, size, roots) VALUES (1, 0, '');

-- The service as an issuer of its own: heads are entries in the tree of badges.
INSERT INTO account (id, name, created_at) OVERRIDING SYSTEM VALUE VALUES (0, 'this service', 0);
INSERT INTO issuer (id, account_id, identifier, identifier_hash, aliases, control, created_at)
OVERRIDING SYSTEM VALUE VALUES (0, 0, 'https://audit-log.invalid/',
    '\xbf0e5d4e57b07174792b44a4ae89e25c30a0cfdbdef1ffe033893c941b054876', '[]', 'manual', 0);

-- What was anchored of the log; never changed.
CREATE TABLE audit_head (
    sequence bigint PRIMARY KEY CHECK (sequence >= 1),              -- 1, 2, 3, …
    service  text   NOT NULL CHECK (service <> ''),                 -- the service's identifier
    size     bigint NOT NULL CHECK (size >= 1),                     -- rows covered
    root     bytea  NOT NULL CHECK (octet_length(root) = 32),       -- over their leaves
    previous bytea  CHECK (octet_length(previous) = 32),            -- digest of the head before; NULL in the first
    made_at  bigint NOT NULL CHECK (made_at >= 0),                  -- ms
    pos      bigint NOT NULL UNIQUE REFERENCES badge (pos),         -- of its entry
    CHECK ((previous IS NULL) = (sequence = 1))
);
