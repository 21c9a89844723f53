DELETE FROM token WHERE pos >= $1 AND pos < $2 AND leaf_index IS NULL
