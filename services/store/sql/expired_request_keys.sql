SELECT account_id, key_hash FROM request_key WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
