SELECT level, tile_index, hashes FROM tile
WHERE batch_id = $1 AND (level, tile_index) > ($2, $3) ORDER BY level, tile_index LIMIT $4
