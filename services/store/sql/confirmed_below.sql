SELECT x.id AS tx_id, x.nonce, o.block_number, o.block_hash
FROM tx x JOIN observation o ON o.tx_id = x.id
WHERE x.signer_id = $1 AND x.state = 'confirmed' AND x.nonce < $2 ORDER BY x.nonce DESC LIMIT $3
