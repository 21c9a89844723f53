SELECT id, at, actor, action, subject, leaf_index, leaf
