UPDATE batch SET revoked_reason = $4, revoked_at = $5
WHERE commitment = $1 AND state <> 'split' AND revoked_at IS NULL
    AND stream_id IN (SELECT id FROM stream WHERE chain_id = $2 AND registry = $3)
