UPDATE batch SET state = 'split', first_pos = NULL, end_pos = NULL, blocked_reason = NULL,
    blocked_since = NULL
WHERE id = $1 AND state IN ('sealed', 'blocked')
