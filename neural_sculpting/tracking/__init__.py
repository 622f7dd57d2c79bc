"""Where the attempts of a sweep and its results are told while it runs: as CSV, to Weights & Biases, or nowhere.

Nothing is imported here that takes long: the command line comes through this door before any work starts.
"""

from neural_sculpting.tracking.doors import begin_sweep, check_tracking, finish_sweep, open_tracker

__all__ = ["begin_sweep", "check_tracking", "finish_sweep", "open_tracker"]
