"""Why a trial failed: the first explanation that the evidence supports."""

from neural_sculpting.scoring.diagnosis.diagnose import diagnose
from neural_sculpting.scoring.diagnosis.failure import Case, Failure

__all__ = ["Case", "Failure", "diagnose"]
