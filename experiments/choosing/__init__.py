"""Which of a trial's networks is its answer: rules tuned on the exemplars, and tested on everything else."""
