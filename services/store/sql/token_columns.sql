k.pos, k.badge_pos, k.owner, k.salt, k.requested_at AS token_requested_at, k.leaf_index, k.burned_at,
    k.replaced_at
