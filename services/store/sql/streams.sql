SELECT s.id AS stream_id, s.chain_id, s.registry, s.service, s.kind, s.collection, s.shard, s.promise_ms,
    s.next_pos, s.open_from, s.open_since, s.open_deadline_at
FROM stream s ORDER BY s.id
