INSERT INTO signer (chain_id, address, base_nonce) VALUES ($1, $2, $3)
ON CONFLICT (chain_id, address) DO NOTHING
