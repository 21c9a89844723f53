SELECT k.pos, k.owner, b.rule, b.digest, k.salt, i.identifier_hash
FROM token k JOIN badge b ON b.pos = k.badge_pos JOIN issuer i ON i.id = b.issuer_id
WHERE k.pos >= $1 AND k.pos < $2 ORDER BY k.pos
