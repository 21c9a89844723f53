SELECT DISTINCT chain_id FROM stream WHERE kind = 'anchor' ORDER BY chain_id
