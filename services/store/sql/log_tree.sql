SELECT size, roots FROM audit_tree WHERE id = 1
