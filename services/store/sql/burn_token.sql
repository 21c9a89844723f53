UPDATE token SET burned_at = $2 WHERE pos = $1 AND burned_at IS NULL
