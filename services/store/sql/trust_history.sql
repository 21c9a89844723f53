SELECT version, published_at, document FROM trust_version ORDER BY version
