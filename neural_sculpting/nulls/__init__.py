"""Null models: what the same reading gives where there is nothing to read."""
