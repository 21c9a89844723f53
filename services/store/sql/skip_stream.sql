UPDATE stream SET next_pos = $2, open_from = $2, open_since = NULL, open_deadline_at = NULL
WHERE id = $1
