SELECT document FROM badge_metadata WHERE pos = $1
