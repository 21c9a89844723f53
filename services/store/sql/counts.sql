SELECT (SELECT COUNT(*) FROM badge) AS badges,
    (SELECT CAST(COALESCE(SUM(next_pos - id * 281474976710656), 0) AS BIGINT)
        FROM stream WHERE kind = 'anchor')
    - (SELECT CAST(COALESCE(SUM(t.end_pos - t.first_pos), 0) AS BIGINT)
        FROM batch t JOIN stream s ON s.id = t.stream_id
        WHERE t.state = 'vacated' AND s.kind = 'anchor') AS positions,
    (SELECT COUNT(*) FROM erasure) AS erased,
    (SELECT COUNT(*) FROM token) AS tokens
