SELECT id AS signer_id, chain_id, address, base_nonce FROM signer ORDER BY id
