UPDATE audit_tree SET size = $1, roots = $2 WHERE id = 1 AND size < $1
