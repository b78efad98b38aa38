"""What the agent does."""
