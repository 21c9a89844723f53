INSERT INTO receipt_key (key_id, public_key, not_before, not_after, revoked_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key_id) DO NOTHING
