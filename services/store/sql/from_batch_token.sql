FROM batch t
-- signs keep SQLite from walking all batches of the stream, and from indexing all tokens for one query
JOIN stream s ON s.id = +t.stream_id
JOIN token k ON k.pos >= t.first_pos AND k.pos < t.end_pos
LEFT JOIN revocation r ON r.pos = k.pos
