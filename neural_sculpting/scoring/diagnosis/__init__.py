"""Why a trial failed: the first explanation that the evidence supports."""

from neural_sculpting.scoring.diagnosis.failure import Case, Failure, diagnose

__all__ = ["Case", "Failure", "diagnose"]
