SELECT epoch FROM lease WHERE signer_id = $1 AND epoch = $2 AND holder IS NOT NULL
