"""``checklist``: facts of a tree, checks over the facts, verdicts with evidence."""
