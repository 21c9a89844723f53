DELETE FROM revocation WHERE pos = $1 AND tx_id IS NULL
