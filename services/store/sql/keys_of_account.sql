SELECT hash, account_id, shown, scopes, issuers, created_at, expires_at, revoked_at
FROM api_key WHERE account_id = $1 ORDER BY created_at, hash
