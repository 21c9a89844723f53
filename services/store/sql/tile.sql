SELECT hashes FROM tile WHERE batch_id = $1 AND level = $2 AND tile_index = $3
