"""Where the attempts of a sweep and its results are logged while it runs: as CSV, to Weights & Biases, or nowhere."""

from neural_sculpting.tracking.trackers import begin_sweep, check_tracking, finish_sweep, open_tracker

__all__ = ["begin_sweep", "check_tracking", "finish_sweep", "open_tracker"]
