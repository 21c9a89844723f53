c.id AS collection_id, c.issuer_id, c.volume, c.from_block, c.code_hash, c.created_at
