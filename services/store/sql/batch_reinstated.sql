UPDATE batch SET revoked_reason = NULL, revoked_at = NULL
WHERE commitment = $1 AND state <> 'split' AND revoked_at IS NOT NULL
    AND stream_id IN (SELECT id FROM stream WHERE chain_id = $2 AND registry = $3)
