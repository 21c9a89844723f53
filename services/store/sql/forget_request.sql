UPDATE request_key
SET fingerprint = NULL, deed = NULL, badge_pos = NULL, repeated = NULL, token_pos = NULL,
    requested_at = NULL, final_at = NULL
WHERE badge_pos = $1
