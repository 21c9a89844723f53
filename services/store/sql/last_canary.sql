SELECT MAX(begun_at) AS begun_at FROM canary WHERE chain_id = $1
