"""What changed between two versions of a configuration, and whether that breaks those who rely on it."""
