INSERT INTO collection (stream_id, chain_id, issuer_id, volume, from_block, code_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
