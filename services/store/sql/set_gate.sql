UPDATE chain_pulse SET closed_reason = $2, closed_since = $3
WHERE chain_id = $1 AND COALESCE(closed_reason, '') = $4
