"""What the modules of a network compute, as logic formulas."""
