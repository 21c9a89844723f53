INSERT INTO tile (batch_id, level, tile_index, hashes) VALUES ($1, $2, $3, $4)
ON CONFLICT (batch_id, level, tile_index) DO NOTHING
