INSERT INTO halt (chain_id, reason, since, detail, block_number) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (chain_id, reason) DO NOTHING
