SELECT i.account_id FROM badge b JOIN issuer i ON i.id = b.issuer_id WHERE b.pos = $1
