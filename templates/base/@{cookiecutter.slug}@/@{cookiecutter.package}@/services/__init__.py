"""What the agent does, free of HTTP."""
