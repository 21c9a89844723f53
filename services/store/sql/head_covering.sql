SELECT sequence, service, size, root, previous, made_at, pos FROM audit_head
WHERE size > $1 ORDER BY sequence LIMIT 1
