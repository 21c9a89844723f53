SELECT x.id AS tx_id, x.nonce, x.purpose, x.batch_id, t.commitment, t.owners_hash, t.deadline_at,
    s.registry, s.collection, s.promise_ms,
    o.block_number, o.block_hash, o.effect, o.observed_at,
    o.included_tx_hash AS inclusion_tx_hash, o.included_block_number AS inclusion_block_number,
    o.included_block_hash AS inclusion_block_hash, o.included_block_time AS inclusion_block_time
FROM tx x
JOIN batch t ON t.id = x.batch_id
JOIN stream s ON s.id = t.stream_id
LEFT JOIN observation o ON o.tx_id = x.id
WHERE x.signer_id = $1 AND x.state = 'live' ORDER BY x.nonce LIMIT $2
