"""Files for other programs: a smaller network, its hierarchy and the formulas that its modules compute."""
