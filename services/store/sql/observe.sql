INSERT INTO observation (tx_id, block_number, block_hash, effect, observed_at, included_tx_hash,
    included_block_number, included_block_hash, included_block_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tx_id) DO UPDATE
SET block_number = excluded.block_number, block_hash = excluded.block_hash,
    effect = excluded.effect, observed_at = excluded.observed_at,
    included_tx_hash = excluded.included_tx_hash,
    included_block_number = excluded.included_block_number,
    included_block_hash = excluded.included_block_hash,
    included_block_time = excluded.included_block_time
