DELETE FROM halt WHERE chain_id = $1 AND reason = $2
