"""What the terminal prints of a sweep."""
