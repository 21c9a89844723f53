INSERT INTO revocation (pos, reason, requested_at) VALUES ($1, $2, $3)
ON CONFLICT (pos) DO NOTHING
