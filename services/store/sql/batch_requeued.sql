UPDATE batch SET state = 'sealed' WHERE id = $1 AND state = 'in_flight'
