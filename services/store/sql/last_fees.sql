SELECT max_fee, max_priority_fee FROM attempt WHERE tx_id = $1 ORDER BY id DESC LIMIT 1
