SELECT MIN(a.created_at) AS sent_at FROM attempt a WHERE a.tx_id = (
    SELECT t.id FROM tx t JOIN signer g ON g.id = t.signer_id
    WHERE t.purpose = $2 AND g.chain_id = $1
    ORDER BY t.id DESC LIMIT 1
)
