FROM audit_log WHERE leaf_index IS NULL AND id > $1 ORDER BY id LIMIT $2
