SELECT CAST(COALESCE(SUM(o.badges), 0) AS BIGINT) AS open_badges,
    CAST(COALESCE(SUM(CASE WHEN o.deadline_at < $1 THEN o.badges ELSE 0 END), 0) AS BIGINT) AS overdue,
    (SELECT CAST(COALESCE(SUM(end_pos - first_pos), 0) AS BIGINT)
        FROM batch WHERE final_block_time > deadline_at) AS late,
    MIN(o.since) AS oldest_open_at, MIN(o.deadline_at) AS next_deadline_at
FROM (
    SELECT end_pos - first_pos AS badges, cut_at AS since, deadline_at
    FROM batch WHERE state NOT IN ('genesis', 'final')
    UNION ALL
    SELECT next_pos - open_from, open_since, open_deadline_at
    FROM stream WHERE next_pos > open_from
) o
