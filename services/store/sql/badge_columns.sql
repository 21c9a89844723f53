b.pos, b.accepted_at, b.window_started_at, b.issuer_id, b.rule, b.digest, b.salt,
    b.external_id, b.public_lookup, i.account_id, i.identifier, r.reason AS revocation_reason,
    r.requested_at AS revocation_requested_at, r.final_at AS revocation_final_at
