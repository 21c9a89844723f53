ON CONFLICT (account_id, key_hash) DO UPDATE
SET expires_at = excluded.expires_at, fingerprint = excluded.fingerprint, deed = excluded.deed,
    badge_pos = excluded.badge_pos, repeated = excluded.repeated, token_pos = excluded.token_pos,
    requested_at = excluded.requested_at, final_at = excluded.final_at
