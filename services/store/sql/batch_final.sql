UPDATE batch
SET state = 'final', final_tx_hash = $2, final_block_number = $3, final_block_hash = $4,
    final_block_time = $5
WHERE id = $1 AND state = 'in_flight'
