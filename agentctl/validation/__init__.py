"""``validate``: the rules for each kind of document."""
