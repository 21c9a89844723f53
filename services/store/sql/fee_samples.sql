SELECT sampled_at, base_fee FROM fee_sample WHERE chain_id = $1 AND slot >= $2 ORDER BY slot LIMIT $3
