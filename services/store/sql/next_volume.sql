SELECT COALESCE(MAX(volume), 0) + 1 AS volume FROM collection
WHERE chain_id = $1 AND COALESCE(issuer_id, 0) = $2
