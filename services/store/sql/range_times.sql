SELECT MIN(accepted_at) AS since, MIN(COALESCE(window_started_at, accepted_at)) AS window_start
FROM badge WHERE pos >= $1 AND pos < $2
