DELETE FROM token WHERE pos = $1 AND leaf_index IS NULL
