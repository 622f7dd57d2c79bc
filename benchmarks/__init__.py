"""How fast the program is, measured as ratios in one run on one machine."""
