INSERT INTO erasure (pos, erased_at) VALUES ($1, $2)
