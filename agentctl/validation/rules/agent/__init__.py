"""Rules for agent configurations (guide 3)."""
