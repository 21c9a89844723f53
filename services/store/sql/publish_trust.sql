INSERT INTO trust_version (version, published_at, document)
SELECT MAX(version) + 1, CAST($2 AS BIGINT), CAST($3 AS TEXT)
FROM (SELECT 0 AS version UNION ALL SELECT version FROM trust_version) known
HAVING MAX(version) = $1 RETURNING version
