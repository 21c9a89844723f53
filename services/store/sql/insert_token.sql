INSERT INTO token (pos, badge_pos, owner, salt, requested_at) VALUES ($1, $2, $3, $4, $5)
