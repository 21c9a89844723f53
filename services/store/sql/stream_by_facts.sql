SELECT s.id AS stream_id, s.chain_id, s.registry, s.service, s.kind, s.collection, s.shard, s.promise_ms
FROM stream s
WHERE s.chain_id = $1 AND s.registry = $2 AND s.service = $3 AND s.kind = 'anchor' AND s.promise_ms = $4
