SELECT id, chain_id, digest, begun_at, pos, verified_at FROM canary
