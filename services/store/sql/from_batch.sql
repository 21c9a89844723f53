FROM batch t
JOIN stream s ON s.id = t.stream_id
