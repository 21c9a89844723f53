DELETE FROM tile WHERE batch_id = $1
