SELECT first_nonce, end_nonce FROM nonce_gap WHERE signer_id = $1 ORDER BY first_nonce
