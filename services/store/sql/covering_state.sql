SELECT state FROM batch WHERE stream_id = $1 AND end_pos > $2 ORDER BY end_pos LIMIT 1
