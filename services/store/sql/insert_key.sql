INSERT INTO api_key (hash, account_id, shown, scopes, issuers, created_at, expires_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
