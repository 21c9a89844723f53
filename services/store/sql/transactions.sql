SELECT id AS tx_id, signer_id, nonce, batch_id, purpose, state, burn_reason
FROM tx WHERE signer_id = $1 AND nonce >= $2 ORDER BY nonce LIMIT $3
