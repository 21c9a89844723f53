SELECT COUNT(*) AS waiting_rows, MIN(at) AS waiting_since FROM (
    SELECT at, subject FROM audit_log WHERE leaf_index IS NULL
    UNION ALL
    SELECT at, subject FROM audit_log WHERE leaf_index >= $1
) waiting WHERE subject <> $2
