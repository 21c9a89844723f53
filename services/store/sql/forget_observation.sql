DELETE FROM observation WHERE tx_id = $1
