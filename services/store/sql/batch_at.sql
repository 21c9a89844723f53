SELECT id FROM batch WHERE stream_id = $1 AND first_pos = $2
