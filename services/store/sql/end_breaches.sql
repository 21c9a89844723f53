-- now
UPDATE breach SET
    anchored_at = (SELECT t.final_block_time FROM batch t WHERE t.id = breach.batch_id),
    final_at = $1,
    late = (SELECT COUNT(*) FROM batch t
        JOIN stream s ON s.id = t.stream_id
        JOIN badge b ON b.pos >= t.first_pos AND b.pos < t.end_pos
        WHERE t.id = breach.batch_id
            AND COALESCE(b.window_started_at, b.accepted_at) + s.promise_ms < t.final_block_time)
WHERE anchored_at IS NULL
    AND EXISTS (SELECT 1 FROM batch t WHERE t.id = breach.batch_id AND t.state = 'final')
RETURNING number
