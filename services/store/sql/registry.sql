SELECT chain_id, address, from_block, code_hash, created_at
FROM registry WHERE chain_id = $1 AND address = $2
