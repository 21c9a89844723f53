UPDATE breach SET key_id = $2, signature = $3 WHERE number = $1 AND signature IS NULL
