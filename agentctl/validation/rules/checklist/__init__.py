"""Rules for checklist policies."""
