SELECT r.tx_id, r.pos, r.requested_at
FROM revocation r JOIN tx x ON x.id = r.tx_id
WHERE x.signer_id = $1 AND x.state = 'live' AND x.nonce <= $2 ORDER BY r.pos
