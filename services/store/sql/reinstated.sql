DELETE FROM revocation WHERE pos = $1 AND final_at IS NOT NULL
