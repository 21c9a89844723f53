INSERT INTO final_block (chain_id, number, hash, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (chain_id) DO UPDATE SET number = $2, hash = $3, seen_at = $4
