"""Rules for workflows in CSV (guide 2)."""
