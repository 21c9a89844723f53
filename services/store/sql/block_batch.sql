UPDATE batch
SET state = 'blocked', blocked_reason = $2,
    blocked_since = CASE WHEN blocked_reason = $2 THEN blocked_since ELSE $3 END
WHERE id = $1 AND state IN ('sealed', 'blocked')
