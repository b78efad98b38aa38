"""Helpers without a will of their own."""
