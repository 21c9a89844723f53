SELECT pos FROM erasure WHERE pos >= $1 AND pos < $2 ORDER BY pos
