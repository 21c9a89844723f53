INSERT INTO nonce_gap (signer_id, first_nonce, end_nonce, adopted_at) VALUES ($1, $2, $3, $4)
