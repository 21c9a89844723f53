SELECT pos, owner FROM token WHERE pos >= $1 AND pos < $2 ORDER BY pos
