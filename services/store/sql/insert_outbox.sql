INSERT INTO outbox (batch_id, event, created_at) VALUES ($1, $2, $3)
ON CONFLICT (batch_id, event) DO NOTHING
