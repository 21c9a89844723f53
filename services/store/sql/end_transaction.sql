UPDATE tx SET state = $2, burn_reason = $3 WHERE id = $1 AND state = 'live'
