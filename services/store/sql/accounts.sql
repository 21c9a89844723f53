SELECT id AS account_id, name, created_at FROM account ORDER BY id
