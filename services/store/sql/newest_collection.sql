SELECT c.stream_id
FROM stream a
JOIN stream s ON s.chain_id = a.chain_id AND s.registry = a.registry AND s.kind = 'mint'
JOIN collection c ON c.stream_id = s.id
WHERE a.id = $1 AND a.kind = 'anchor' AND (c.issuer_id = $2 OR c.issuer_id IS NULL)
ORDER BY CASE WHEN c.issuer_id IS NULL THEN 1 ELSE 0 END, c.volume DESC LIMIT 1
