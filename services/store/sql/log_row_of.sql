FROM audit_log WHERE action = $1 AND subject = $2 ORDER BY id LIMIT 1
