SELECT k.pos, k.owner
FROM batch t JOIN token k ON k.pos >= t.first_pos AND k.pos < t.end_pos
WHERE t.id = $1 AND k.leaf_index IS NOT NULL ORDER BY k.leaf_index
