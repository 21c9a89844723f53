UPDATE api_key SET revoked_at = $3
WHERE account_id = $1 AND shown = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
