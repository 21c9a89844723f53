SELECT (SELECT COUNT(*) FROM badge) AS badges,
    (SELECT CAST(COALESCE(SUM(next_pos - id * 281474976710656), 0) AS BIGINT)
        FROM stream WHERE kind = 'anchor') AS positions,
    (SELECT COUNT(*) FROM erasure) AS erased,
    (SELECT COUNT(*) FROM token) AS tokens
