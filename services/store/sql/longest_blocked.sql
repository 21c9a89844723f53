SELECT t.blocked_reason, t.blocked_since
FROM batch t JOIN stream s ON s.id = t.stream_id
WHERE t.state = 'blocked' AND t.state NOT IN ('genesis', 'final', 'vacated', 'split')
    AND s.kind = 'anchor' AND s.chain_id = $1
ORDER BY t.blocked_since LIMIT 1
