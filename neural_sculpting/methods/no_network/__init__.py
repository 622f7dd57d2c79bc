"""What the examples say without a network."""
