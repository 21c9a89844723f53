SELECT MIN(requested_at) AS since, MIN(requested_at) AS window_start
FROM token WHERE pos >= $1 AND pos < $2
