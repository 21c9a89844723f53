SELECT hash, account_id, shown, scopes, issuers, created_at, expires_at, revoked_at
FROM api_key WHERE hash = $1
