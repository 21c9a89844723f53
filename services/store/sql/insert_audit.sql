INSERT INTO audit_log (at, actor, action, subject) VALUES ($1, $2, $3, $4)
