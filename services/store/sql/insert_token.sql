INSERT INTO token (pos, badge_pos, owner, requested_at) VALUES ($1, $2, $3, $4)
