SELECT r.number, r.batch_id, r.badges, r.deadline_at, r.commitment, r.noticed_at, r.key_id,
    r.signature, r.anchored_at, r.final_at, r.late, t.commitment AS batch_commitment,
    s.service, s.chain_id, s.registry
FROM breach r
JOIN batch t ON t.id = r.batch_id
JOIN stream s ON s.id = t.stream_id
