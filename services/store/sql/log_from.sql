FROM audit_log WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT $2
