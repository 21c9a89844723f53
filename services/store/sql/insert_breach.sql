-- batch, badges, deadline, time; no row when it is on record
INSERT INTO breach (number, batch_id, badges, deadline_at, commitment, noticed_at)
SELECT COALESCE((SELECT MAX(number) FROM breach), 0) + 1, t.id, $2, $3, t.commitment, $4
FROM batch t WHERE t.id = $1
ON CONFLICT (batch_id) DO NOTHING
RETURNING number
