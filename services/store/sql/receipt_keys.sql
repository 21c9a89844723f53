SELECT key_id, public_key, not_before, not_after, revoked_at
FROM receipt_key ORDER BY not_before, key_id
