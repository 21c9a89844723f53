SELECT chain_id, address, from_block, code_hash, created_at
FROM registry ORDER BY created_at, chain_id, address
