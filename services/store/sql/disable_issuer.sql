UPDATE issuer SET disabled_at = COALESCE(disabled_at, $2) WHERE id = $1 AND id > 0
