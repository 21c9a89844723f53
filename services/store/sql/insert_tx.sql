INSERT INTO tx (signer_id, nonce, batch_id, purpose, state) VALUES ($1, $2, $3, $4, 'live')
RETURNING id
