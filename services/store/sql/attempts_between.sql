SELECT a.id AS attempt_id, a.tx_id, a.hash, a.raw, a.gas_limit, a.max_fee, a.max_priority_fee,
    a.created_at, a.created_block
FROM attempt a JOIN tx x ON x.id = a.tx_id
WHERE x.signer_id = $1 AND x.nonce >= $2 AND x.nonce <= $3 ORDER BY a.id
