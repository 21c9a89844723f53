SELECT id AS account_id, name, created_at FROM account WHERE id > 0 ORDER BY id
