INSERT INTO stream (id, chain_id, registry, service, kind, shard, promise_ms, next_pos, open_from,
    collection)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
