INSERT INTO audit_head (sequence, service, size, root, previous, made_at, pos)
VALUES ($1, $2, $3, $4, $5, $6, $7)
