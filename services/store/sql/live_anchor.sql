-- what was last seen of the batch's live anchor or mint, if it was seen there
LEFT JOIN tx x ON x.batch_id = t.id AND x.purpose IN ('anchor', 'mint') AND x.state = 'live'
LEFT JOIN observation o ON o.tx_id = x.id AND o.effect = 'present'
