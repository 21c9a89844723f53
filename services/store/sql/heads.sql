SELECT sequence, service, size, root, previous, made_at, pos FROM audit_head
WHERE sequence > $1 ORDER BY sequence LIMIT $2
