UPDATE issuer SET disabled_at = $2 WHERE account_id = $1 AND id > 0 AND disabled_at IS NULL
