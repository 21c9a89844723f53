-- The promise: what was seen of each chain, whether intake is open, what was not kept, and the
-- service's own badges that show whether all works. Units as in 0001.

-- One row a chain: what all looks at it add up to. Times but head_time and those of the gate are of
-- the clock that dates the looks.
CREATE TABLE chain_pulse (
    chain_id      bigint PRIMARY KEY CHECK (chain_id >= 0),     -- EIP-155
    since         bigint NOT NULL CHECK (since >= 0),           -- ms; the first look
    looked_at     bigint NOT NULL CHECK (looked_at >= 0),       -- ms; the last look
    worker_at     bigint CHECK (worker_at >= 0),                -- ms; the last look of a worker
    answered_at   bigint CHECK (answered_at >= 0),              -- ms; the last look that a node answered
    head          bigint CHECK (head >= 0),                     -- the highest block seen
    head_time     bigint CHECK (head_time >= 0),                -- ms; its time
    head_at       bigint CHECK (head_at >= 0),                  -- ms; when it was first seen
    finalized     bigint CHECK (finalized >= 0),                -- the highest finalized block seen
    finalized_at  bigint CHECK (finalized_at >= 0),             -- ms; when it was first seen
    offset_ms     bigint,                                       -- head_time - head_at, where a look shortly before makes it exact
    quiet_looks   bigint NOT NULL CHECK (quiet_looks >= 0),     -- looks since the head moved
    closed_reason text   CHECK (closed_reason <> ''),           -- why intake is closed, as deadline-near; NULL: it is open
    closed_since  bigint CHECK (closed_since >= 0),             -- ms
    CHECK ((head IS NULL) = (answered_at IS NULL)),
    CHECK ((head_time IS NULL) = (head IS NULL)),
    CHECK ((head_at IS NULL) = (head IS NULL)),
    CHECK ((finalized IS NULL) = (head IS NULL)),
    CHECK ((finalized_at IS NULL) = (head IS NULL)),
    CHECK ((closed_since IS NULL) = (closed_reason IS NULL))
);

-- Batches with badges that were overdue when somebody looked. Never deleted, never changed but to
-- sign it and to say how it ended.
CREATE TABLE breach (
    number      bigint PRIMARY KEY CHECK (number >= 1),         -- 1, 2, 3, … without gaps
    batch_id    bigint NOT NULL UNIQUE REFERENCES batch (id),
    badges      bigint NOT NULL CHECK (badges >= 1),            -- overdue then
    deadline_at bigint NOT NULL CHECK (deadline_at >= 0),       -- ms; the earliest among them
    commitment  bytea  CHECK (octet_length(commitment) = 32),   -- the batch's; NULL: not sealed by then
    noticed_at  bigint NOT NULL CHECK (noticed_at > deadline_at), -- ms; by the earliest clock
    key_id      bytea  REFERENCES receipt_key (key_id),         -- who signed; NULL until it is signed
    signature   bytea  CHECK (octet_length(signature) = 64),    -- Ed25519 (FORMAT.md, section 15)
    anchored_at bigint CHECK (anchored_at >= 0),                -- ms; time of the block that anchored the batch; NULL until it is final
    final_at    bigint CHECK (final_at >= 0),                   -- ms; when that was known
    late        bigint CHECK (late >= 0),                       -- badges of the batch with a deadline before anchored_at
    CHECK ((signature IS NULL) = (key_id IS NULL)),
    CHECK ((final_at IS NULL) = (anchored_at IS NULL)),
    CHECK ((late IS NULL) = (anchored_at IS NULL))
);
CREATE INDEX breach_unsigned ON breach (number) WHERE signature IS NULL;
CREATE INDEX breach_unfinished ON breach (number) WHERE anchored_at IS NULL;

-- Badges of the service's own.
CREATE TABLE canary (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id    bigint NOT NULL CHECK (chain_id >= 0),          -- EIP-155
    digest      bytea  NOT NULL UNIQUE CHECK (octet_length(digest) = 32), -- random
    begun_at    bigint NOT NULL CHECK (begun_at >= 0),          -- ms; when it was intended
    pos         bigint CHECK (pos >= 0),                        -- its position; NULL until it is accepted
    verified_at bigint CHECK (verified_at >= 0),                -- ms; when its proof was verified
    CHECK (verified_at IS NULL OR pos IS NOT NULL)
);
CREATE INDEX canary_of_chain ON canary (chain_id, id);

-- the least margin of what recently became final
CREATE INDEX batch_final_time ON batch (final_block_time) WHERE final_block_time IS NOT NULL;
