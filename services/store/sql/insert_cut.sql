INSERT INTO batch (stream_id, first_pos, end_pos, state, cut_at, deadline_at)
VALUES ($1, $2, $3, 'cut', $4, $5) RETURNING id
