SELECT b.pos FROM badge b JOIN issuer i ON i.id = b.issuer_id WHERE b.pos = $1 AND i.account_id = $2
