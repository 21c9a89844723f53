SELECT pos, reason AS revocation_reason, requested_at AS revocation_requested_at,
    final_at AS revocation_final_at
FROM revocation WHERE pos >= $1 AND pos < $2 ORDER BY pos LIMIT $3
