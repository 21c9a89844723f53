INSERT INTO trust_version (version, published_at, document)
SELECT COALESCE(MAX(version), 0) + 1, CAST($1 AS BIGINT), CAST($2 AS TEXT) FROM trust_version
RETURNING version
