UPDATE tx SET state = 'live' WHERE id = $1 AND state = 'confirmed'
