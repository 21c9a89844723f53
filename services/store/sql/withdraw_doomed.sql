DELETE FROM token WHERE pos >= $1 AND pos < $2
    AND (badge_pos IS NULL OR replaced_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM revocation r WHERE r.pos = token.pos))
