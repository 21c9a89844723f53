SELECT CAST(COALESCE(SUM(o.badges), 0) AS BIGINT) AS open_badges,
    CAST(COALESCE(SUM(CASE WHEN o.deadline_at < $1 THEN o.badges ELSE 0 END), 0) AS BIGINT) AS overdue,
    (SELECT CAST(COALESCE(SUM(t.end_pos - t.first_pos), 0) AS BIGINT)
        FROM batch t JOIN stream s ON s.id = t.stream_id
        WHERE t.final_block_time > t.deadline_at AND s.kind = 'anchor') AS late,
    MIN(o.since) AS oldest_open_at, MIN(o.deadline_at) AS next_deadline_at
FROM (
    SELECT t.end_pos - t.first_pos AS badges, t.cut_at AS since, t.deadline_at
    FROM batch t JOIN stream s ON s.id = t.stream_id
    WHERE t.state NOT IN ('genesis', 'final', 'vacated', 'split') AND s.kind = 'anchor'
    UNION ALL
    SELECT next_pos - open_from, open_since, open_deadline_at
    FROM stream WHERE next_pos > open_from AND kind = 'anchor'
) o
