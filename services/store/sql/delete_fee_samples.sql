DELETE FROM fee_sample WHERE chain_id = $1 AND slot < $2
