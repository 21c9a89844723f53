UPDATE revocation SET final_at = NULL WHERE tx_id = $1
