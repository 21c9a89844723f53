SELECT sequence, service, size, root, previous, made_at, pos FROM audit_head
ORDER BY sequence DESC LIMIT 1
