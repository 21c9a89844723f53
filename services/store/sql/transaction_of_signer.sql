SELECT batch_id, purpose, state FROM tx WHERE id = $1 AND signer_id = $2
