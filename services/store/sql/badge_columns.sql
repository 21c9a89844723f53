b.pos, b.accepted_at, b.window_started_at, b.issuer_id, b.rule, b.digest, b.salt,
    b.external_id, b.public_lookup, b.recipient, i.account_id, i.identifier
