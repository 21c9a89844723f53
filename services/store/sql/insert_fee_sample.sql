INSERT INTO fee_sample (chain_id, slot, sampled_at, base_fee) VALUES ($1, $2, $3, $4)
ON CONFLICT (chain_id, slot) DO NOTHING
