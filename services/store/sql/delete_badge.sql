DELETE FROM badge WHERE pos = $1
