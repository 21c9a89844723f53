UPDATE lease SET holder = NULL, expires_at = 0 WHERE signer_id = $1 AND epoch = $2
