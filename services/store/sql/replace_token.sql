UPDATE token SET replaced_at = $2 WHERE pos = $1 AND replaced_at IS NULL
