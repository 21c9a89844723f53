UPDATE token SET badge_pos = NULL, salt = NULL WHERE pos = $1
