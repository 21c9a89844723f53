SELECT id AS event_id, batch_id, event, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $2
