SELECT CAST(COALESCE(SUM(recent.gas), 0) AS BIGINT) AS gas FROM (
    SELECT MAX(a.gas_limit) AS gas
    FROM attempt a JOIN tx x ON x.id = a.tx_id JOIN signer s ON s.id = x.signer_id
    WHERE s.chain_id = $1 AND a.created_at >= $2 GROUP BY a.tx_id
) recent
