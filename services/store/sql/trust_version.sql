SELECT version, published_at, document FROM trust_version WHERE version = $1
