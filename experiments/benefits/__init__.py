"""What networks with the found modules are good for."""
