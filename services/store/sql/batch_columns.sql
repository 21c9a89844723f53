t.id AS batch_id, t.stream_id AS batch_stream_id, t.first_pos AS batch_first_pos,
    t.end_pos AS batch_end_pos, t.cut_at AS batch_cut_at, t.deadline_at AS batch_deadline_at,
    t.state AS batch_state, t.size AS batch_size, t.root AS batch_root,
    t.blockcerts_root AS batch_blockcerts_root, t.commitment AS batch_commitment, t.owners_hash AS batch_owners_hash,
    t.blocked_reason AS batch_blocked_reason, t.blocked_since AS batch_blocked_since,
    COALESCE(t.final_tx_hash, o.included_tx_hash) AS inclusion_tx_hash,
    COALESCE(t.final_block_number, o.included_block_number) AS inclusion_block_number,
    COALESCE(t.final_block_hash, o.included_block_hash) AS inclusion_block_hash,
    COALESCE(t.final_block_time, o.included_block_time) AS inclusion_block_time
