SELECT block FROM followed WHERE chain_id = $1 AND contract = $2
