SELECT COALESCE((SELECT MAX(nonce) + 1 FROM tx WHERE signer_id = s.id), s.base_nonce) AS next_nonce
FROM signer s WHERE s.id = $1
