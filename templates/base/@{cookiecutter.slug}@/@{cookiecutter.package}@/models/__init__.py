"""Data that crosses a boundary, validated."""
