FROM badge b
JOIN issuer i ON i.id = b.issuer_id
JOIN stream s ON s.id = (b.pos >> 48)
LEFT JOIN revocation r ON r.pos = b.pos
-- ranges have no gaps: the first that ends after the position holds it
LEFT JOIN batch t ON t.stream_id = s.id AND t.end_pos =
    (SELECT MIN(c.end_pos) FROM batch c WHERE c.stream_id = s.id AND c.end_pos > b.pos)
