"""What is taken out of a sweep: a smaller network, its hierarchy, its modules and the formulas that they compute."""
