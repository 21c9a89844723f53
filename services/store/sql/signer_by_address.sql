SELECT id AS signer_id, chain_id, address, base_nonce FROM signer WHERE chain_id = $1 AND address = $2
