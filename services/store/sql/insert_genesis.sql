INSERT INTO batch (stream_id, end_pos, state, cut_at, deadline_at) VALUES ($1, $2, 'genesis', 0, 0)
