INSERT INTO attempt (tx_id, hash, raw, gas_limit, max_fee, max_priority_fee, created_at, created_block)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
