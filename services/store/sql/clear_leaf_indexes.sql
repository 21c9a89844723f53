UPDATE token SET leaf_index = NULL WHERE pos >= $1 AND pos < $2
