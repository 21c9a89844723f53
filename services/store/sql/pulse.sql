SELECT since, looked_at, worker_at, answered_at, head, head_time, head_at, finalized, finalized_at,
    offset_ms, quiet_looks, closed_reason, closed_since
FROM chain_pulse WHERE chain_id = $1
