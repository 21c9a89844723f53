SELECT CAST(COALESCE(SUM(ABS(s.open_from - s.id * 281474976710656 - (
    SELECT COALESCE(SUM(t.end_pos - t.first_pos), 0) FROM batch t
    WHERE t.stream_id = s.id AND t.state NOT IN ('genesis', 'split')
))), 0) AS BIGINT) AS uncovered FROM stream s
