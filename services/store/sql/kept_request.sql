SELECT fingerprint, deed, badge_pos, repeated, token_pos, requested_at, final_at
FROM request_key WHERE account_id = $1 AND key_hash = $2 AND expires_at > $3
