s.id AS stream_id, s.chain_id, s.registry, s.service, s.kind, s.collection, s.shard, s.promise_ms
