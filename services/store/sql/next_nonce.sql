SELECT COALESCE((
        SELECT MAX(used.end_nonce) FROM (
            SELECT MAX(nonce) + 1 AS end_nonce FROM tx WHERE signer_id = $1
            UNION ALL
            SELECT MAX(end_nonce) AS end_nonce FROM nonce_gap WHERE signer_id = $1
        ) used
    ), s.base_nonce) AS next_nonce
FROM signer s WHERE s.id = $1
