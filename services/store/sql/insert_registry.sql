INSERT INTO registry (chain_id, address, from_block, code_hash, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (chain_id, address) DO NOTHING
