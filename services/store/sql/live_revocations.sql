SELECT r.tx_id, r.pos, r.requested_at, COALESCE(k.leaf_index, r.pos - t.first_pos) AS leaf_index
FROM revocation r
JOIN tx x ON x.id = r.tx_id
JOIN batch t ON t.id = x.batch_id
LEFT JOIN token k ON k.pos = r.pos
WHERE x.signer_id = $1 AND x.state = 'live' AND x.nonce <= $2 ORDER BY leaf_index, r.pos
