-- of the leaf itself, or of its whole batch
    COALESCE(r.reason, t.revoked_reason) AS revocation_reason,
    COALESCE(r.requested_at, t.revoked_at) AS revocation_requested_at,
    COALESCE(r.final_at, t.revoked_at) AS revocation_final_at
