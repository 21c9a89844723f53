SELECT next_pos, open_since, open_deadline_at, promise_ms FROM stream WHERE id = $1
