INSERT INTO lease (signer_id, holder, epoch, expires_at) VALUES ($1, $2, 1, $4)
ON CONFLICT (signer_id) DO UPDATE
SET epoch = lease.epoch + CASE WHEN lease.holder = $2 THEN 0 ELSE 1 END,
    holder = $2, expires_at = $4
WHERE lease.holder IS NULL OR lease.holder = $2 OR lease.expires_at <= $3
RETURNING epoch
