INSERT INTO chain_pulse
    (chain_id, since, looked_at, worker_at, answered_at, head, head_time, head_at, finalized,
    finalized_at, offset_ms, quiet_looks)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (chain_id) DO UPDATE SET
    looked_at = excluded.looked_at, worker_at = excluded.worker_at,
    answered_at = excluded.answered_at, head = excluded.head, head_time = excluded.head_time,
    head_at = excluded.head_at, finalized = excluded.finalized,
    finalized_at = excluded.finalized_at, offset_ms = excluded.offset_ms,
    quiet_looks = excluded.quiet_looks
