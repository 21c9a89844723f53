DELETE FROM revocation WHERE pos >= $1 AND pos < $2
