UPDATE token SET owner = NULL WHERE badge_pos IS NULL AND pos >= $1 AND pos < $2
