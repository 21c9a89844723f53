UPDATE batch SET state = 'in_flight', blocked_reason = NULL, blocked_since = NULL
WHERE id = $1 AND state IN ('sealed', 'blocked')
