UPDATE revocation SET final_at = COALESCE(final_at, $2) WHERE tx_id = $1
