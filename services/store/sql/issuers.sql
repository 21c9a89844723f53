SELECT id AS issuer_id, account_id, identifier, aliases, control, created_at, disabled_at
FROM issuer WHERE id > 0 ORDER BY id
