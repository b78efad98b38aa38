"""What is known of a tree before any question is asked: one pass over each file, no file opened twice."""
