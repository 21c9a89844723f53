UPDATE batch SET state = 'vacated' WHERE id = $1 AND state = 'cut'
