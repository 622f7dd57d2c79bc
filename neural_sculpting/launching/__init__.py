"""How the jobs of a sweep run: grouped into batches, in this process, in others or on a Slurm cluster."""
