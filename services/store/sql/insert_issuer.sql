INSERT INTO issuer (account_id, identifier, identifier_hash, aliases, control, created_at)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
