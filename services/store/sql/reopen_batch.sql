UPDATE batch
SET state = 'in_flight', final_tx_hash = NULL, final_block_number = NULL, final_block_hash = NULL,
    final_block_time = NULL
WHERE id = $1 AND state = 'final'
