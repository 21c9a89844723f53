SELECT r.pos, r.reason, r.requested_at, COALESCE(k.leaf_index, r.pos - t.first_pos) AS leaf_index,
    t.id AS batch_id, t.commitment, s.registry
FROM revocation r
JOIN stream s ON s.id = (r.pos >> 48)
JOIN batch t ON t.stream_id = s.id AND t.end_pos =
    (SELECT MIN(c.end_pos) FROM batch c WHERE c.stream_id = s.id AND c.end_pos > r.pos)
LEFT JOIN token k ON k.pos = r.pos
WHERE r.tx_id IS NULL AND r.final_at IS NULL AND s.chain_id = $1 AND t.state = 'final'
    AND NOT EXISTS (SELECT 1 FROM tx x WHERE x.batch_id = t.id AND x.purpose = 'revoke' AND x.state = 'live')
ORDER BY r.requested_at, r.pos LIMIT $2
