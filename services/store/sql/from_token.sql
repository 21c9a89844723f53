FROM token k
JOIN stream s ON s.id = (k.pos >> 48)
LEFT JOIN revocation r ON r.pos = k.pos
-- ranges have no gaps: the first that ends after the position holds it
LEFT JOIN batch t ON t.stream_id = s.id AND t.end_pos =
    (SELECT MIN(c.end_pos) FROM batch c WHERE c.stream_id = s.id AND c.end_pos > k.pos)
