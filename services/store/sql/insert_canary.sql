INSERT INTO canary (chain_id, digest, begun_at) VALUES ($1, $2, $3) RETURNING id
