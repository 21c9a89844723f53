INSERT INTO revocation (pos, reason, requested_at, final_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (pos) DO UPDATE SET final_at = excluded.final_at WHERE revocation.final_at IS NULL
