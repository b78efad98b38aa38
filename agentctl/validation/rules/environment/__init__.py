"""Rules for environment files (guide 2)."""
