"""Rules for what changed between two versions (guide 3)."""
