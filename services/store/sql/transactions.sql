SELECT x.id AS tx_id, x.signer_id, x.nonce, x.batch_id, x.purpose, x.state, x.burn_reason, t.commitment
FROM tx x JOIN batch t ON t.id = x.batch_id
WHERE x.signer_id = $1 AND x.nonce >= $2 ORDER BY x.nonce LIMIT $3
