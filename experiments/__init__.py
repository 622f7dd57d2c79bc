"""Results of real runs: a folder for each experiment, and the tools that fill it."""
