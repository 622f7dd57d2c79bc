"""Tables from files as examples: reading, choosing columns, encoding them as numbers."""
