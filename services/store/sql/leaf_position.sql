SELECT CASE WHEN s.kind = 'mint' THEN k.pos ELSE t.first_pos + $4 END AS pos
FROM batch t
JOIN stream s ON s.id = +t.stream_id
LEFT JOIN token k ON s.kind = 'mint' AND k.pos >= t.first_pos AND k.pos < t.end_pos AND +k.leaf_index = $4
WHERE t.commitment = $1 AND t.state <> 'split' AND s.chain_id = $2 AND s.registry = $3 AND t.size > $4
    AND (s.kind = 'anchor' OR k.pos IS NOT NULL)
