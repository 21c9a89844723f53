UPDATE token SET owner = $2 WHERE pos = $1 AND leaf_index IS NULL
