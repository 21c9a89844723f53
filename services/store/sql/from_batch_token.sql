FROM batch t
-- the sign keeps SQLite from walking all batches of the stream instead of the commitments asked for
JOIN stream s ON s.id = +t.stream_id
JOIN token k ON k.pos >= t.first_pos AND k.pos < t.end_pos
LEFT JOIN revocation r ON r.pos = k.pos
