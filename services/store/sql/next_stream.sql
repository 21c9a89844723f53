SELECT
    (SELECT COALESCE(MAX(id), 0) + 1 FROM stream) AS stream_id,
    (SELECT COALESCE(MAX(shard), -1) + 1 FROM stream WHERE chain_id = $1 AND registry = $2 AND kind = $3) AS shard
