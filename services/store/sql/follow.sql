INSERT INTO followed (chain_id, contract, block) VALUES ($1, $2, $3)
ON CONFLICT (chain_id, contract) DO UPDATE SET block = excluded.block
WHERE followed.block <= excluded.block
