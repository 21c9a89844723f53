UPDATE batch SET state = 'sealed', size = $2, root = $3, blockcerts_root = $4, commitment = $5,
    owners_hash = $6
WHERE id = $1 AND state = 'cut'
