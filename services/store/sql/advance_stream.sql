UPDATE stream SET next_pos = $2, open_since = $3, open_deadline_at = $4 WHERE id = $1
