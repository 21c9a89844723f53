UPDATE revocation SET tx_id = NULL WHERE tx_id = $1
