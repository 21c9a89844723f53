SELECT number AS block_number, hash AS block_hash FROM final_block WHERE chain_id = $1
