SELECT open_from, next_pos, open_deadline_at, open_since, promise_ms, kind FROM stream WHERE id = $1
