UPDATE revocation SET tx_id = $1
WHERE pos = $2 AND tx_id IS NULL AND final_at IS NULL AND pos >= $3 AND pos < $4
