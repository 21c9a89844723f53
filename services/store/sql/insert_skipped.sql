INSERT INTO batch (stream_id, first_pos, end_pos, state, cut_at, deadline_at)
VALUES ($1, $2, $3, 'vacated', $4, $4)
