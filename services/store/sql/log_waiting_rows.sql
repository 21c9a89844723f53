FROM audit_log WHERE leaf_index IS NULL ORDER BY id LIMIT $1
