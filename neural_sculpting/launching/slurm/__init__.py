"""Batches as jobs of a Slurm cluster."""
