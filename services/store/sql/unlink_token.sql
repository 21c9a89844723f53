UPDATE token SET badge_pos = NULL WHERE pos = $1
