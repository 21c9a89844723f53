SELECT b.pos, b.rule, b.digest, b.salt, i.identifier_hash
FROM badge b JOIN issuer i ON i.id = b.issuer_id
WHERE b.pos >= $1 AND b.pos < $2 ORDER BY b.pos LIMIT $3
