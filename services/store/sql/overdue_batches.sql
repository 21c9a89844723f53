-- chain, now, limit
SELECT t.id AS batch_id, COUNT(*) AS badges,
    MIN(COALESCE(b.window_started_at, b.accepted_at) + s.promise_ms) AS deadline_at
FROM batch t
JOIN stream s ON s.id = t.stream_id
JOIN badge b ON b.pos >= t.first_pos AND b.pos < t.end_pos
LEFT JOIN tx x ON x.batch_id = t.id AND x.purpose = 'anchor' AND x.state = 'live'
LEFT JOIN observation o ON o.tx_id = x.id AND o.effect = 'present'
WHERE t.id IN (
        SELECT id FROM batch
        WHERE state NOT IN ('genesis', 'final', 'vacated', 'split') AND deadline_at < $2
        UNION ALL
        SELECT id FROM batch WHERE final_block_time > deadline_at
    )
    AND s.kind = 'anchor' AND s.chain_id = $1
    AND NOT EXISTS (SELECT 1 FROM breach r WHERE r.batch_id = t.id)
    AND COALESCE(b.window_started_at, b.accepted_at) + s.promise_ms < $2
    AND COALESCE(b.window_started_at, b.accepted_at) + s.promise_ms
        < COALESCE(t.final_block_time, o.included_block_time, $2)
GROUP BY t.id
ORDER BY t.id LIMIT $3
