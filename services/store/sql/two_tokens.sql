SELECT badge_pos AS pos FROM token WHERE badge_pos > $1 AND replaced_at IS NULL
GROUP BY badge_pos HAVING COUNT(*) > 1 ORDER BY badge_pos LIMIT $2
