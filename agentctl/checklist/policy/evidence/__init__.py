"""``--evidence PATH``: what runs left, read as records of runs that are bound to content."""
