SELECT chain_id, reason, since, detail, block_number FROM halt WHERE chain_id = $1 ORDER BY reason
