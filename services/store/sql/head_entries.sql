SELECT pos FROM badge WHERE issuer_id = 0 AND pos > $1 ORDER BY pos LIMIT $2
