-- chain; what is overdue before; here for long before; recent from
SELECT CAST(COALESCE(SUM(p.badges), 0) AS BIGINT) AS open_badges,
    CAST(COALESCE(SUM(CASE WHEN p.in_time = 1 THEN p.badges ELSE 0 END), 0) AS BIGINT) AS included,
    CAST(COALESCE(SUM(CASE WHEN p.in_time = 0 AND p.deadline_at < $2 THEN p.badges ELSE 0 END), 0) AS BIGINT) AS overdue,
    (SELECT CAST(COALESCE(SUM(t.end_pos - t.first_pos), 0) AS BIGINT)
        FROM batch t JOIN stream s ON s.id = t.stream_id
        WHERE t.final_block_time > t.deadline_at AND s.kind = 'anchor' AND s.chain_id = $1) AS late,
    (SELECT COUNT(*) FROM breach r JOIN batch t ON t.id = r.batch_id JOIN stream s ON s.id = t.stream_id
        WHERE s.chain_id = $1) AS breaches,
    (SELECT MIN(t.deadline_at - t.final_block_time)
        FROM batch t JOIN stream s ON s.id = t.stream_id
        WHERE t.final_block_time > $4 AND s.kind = 'anchor' AND s.chain_id = $1) AS least_margin_ms,
    MIN(p.since) AS oldest_open_at,
    MIN(p.deadline_at) AS next_deadline_at,
    MIN(CASE WHEN p.in_time = 0 THEN p.deadline_at END) AS waiting_deadline_at,
    MIN(CASE WHEN p.in_time = 0 AND p.since <= $3 THEN p.deadline_at END) AS stuck_deadline_at,
    MIN(CASE WHEN p.in_time = 0 THEN p.since END) AS waiting_since,
    MIN(CASE WHEN p.in_time = 1 THEN p.seen_at END) AS included_since,
    CAST(COALESCE(SUM(CASE WHEN p.in_time = 0 THEN p.batches ELSE 0 END), 0) AS BIGINT) AS waiting_batches,
    CAST(COALESCE(SUM(CASE WHEN p.batches = 0 THEN p.badges ELSE 0 END), 0) AS BIGINT) AS uncut
FROM (
    SELECT t.end_pos - t.first_pos AS badges, t.cut_at AS since, t.deadline_at,
        CASE WHEN o.included_block_time <= t.deadline_at THEN 1 ELSE 0 END AS in_time,
        o.observed_at AS seen_at, 1 AS batches
    FROM batch t JOIN stream s ON s.id = t.stream_id
    LEFT JOIN tx x ON x.batch_id = t.id AND x.purpose = 'anchor' AND x.state = 'live'
    LEFT JOIN observation o ON o.tx_id = x.id AND o.effect = 'present'
    WHERE t.state NOT IN ('genesis', 'final', 'vacated', 'split') AND s.kind = 'anchor' AND s.chain_id = $1
    UNION ALL
    SELECT next_pos - open_from, open_since, open_deadline_at, 0, CAST(NULL AS BIGINT), 0
    FROM stream WHERE next_pos > open_from AND kind = 'anchor' AND chain_id = $1
) p
