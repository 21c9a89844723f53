-- from the first attempt to the final block, of the last batches of a chain
SELECT e.created_at - (SELECT MIN(a.created_at) FROM attempt a WHERE a.tx_id = x.id) AS took
FROM (SELECT batch_id, event, created_at FROM outbox ORDER BY id DESC LIMIT 64) e
JOIN batch t ON t.id = e.batch_id
JOIN stream s ON s.id = t.stream_id
JOIN tx x ON x.batch_id = t.id AND x.purpose = 'anchor' AND x.state = 'confirmed'
WHERE e.event = 'batch.final' AND s.chain_id = $1
LIMIT 20
