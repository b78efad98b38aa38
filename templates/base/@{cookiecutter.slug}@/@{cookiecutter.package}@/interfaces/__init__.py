"""What the parts promise each other."""
