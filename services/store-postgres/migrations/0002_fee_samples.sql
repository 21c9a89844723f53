-- What the chain asked for, one sample for each five minutes of the last eight days. Workers decide by
-- it when to send, also while no node answers. Losing it costs money, never a promise.
CREATE TABLE fee_sample (
    chain_id   bigint NOT NULL CHECK (chain_id >= 0),       -- EIP-155
    slot       bigint NOT NULL CHECK (slot >= 0),           -- sampled_at / 300000
    sampled_at bigint NOT NULL CHECK (sampled_at >= 0),     -- ms
    base_fee   bigint NOT NULL CHECK (base_fee BETWEEN 0 AND 1000000000000000), -- wei per gas
    PRIMARY KEY (chain_id, slot),
    CHECK (slot = sampled_at / 300000)
);

-- The last first send of a kind is asked for with every round.
CREATE INDEX tx_of_purpose ON tx (purpose, id);
