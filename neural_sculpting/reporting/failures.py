"""Why the trials of a group failed, from its record."""

import networkx as nx
import pandas as pd

from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.scoring.diagnosis import Failure, diagnose


def failure_of(group: GroupRecord, trial: pd.Series) -> Failure | None:
    """Tell why a trial failed; None for an exact success, and where any hierarchy is one because none is expected.

    Args:
        group: the record that the trial belongs to.
        trial: one of its rows; ``network`` is the row of the network that is the answer.
    """
    if group.expected is None and trial["status"] == "sculpted":
        return None
    network = int(trial["network"])
    return diagnose(
        trial,
        group.masks_of(network),
        group.graphs[network],
        group.expected if group.expected is not None else nx.DiGraph(),
        group.config.analysis.model_dump(),
        group.inputs_may_go,
        accuracy_asked=accuracy_asked(group, trial),
        labels=group.labels,
    )


def accuracy_asked(group: GroupRecord, trial: pd.Series) -> float:
    """The accuracy that a trial had to reach, 0 to 1: as configured, or so far below its own dense network."""
    pruning = group.config.pruning
    if pruning.accuracy_threshold is not None:
        return pruning.accuracy_threshold
    return float(trial["dense_accuracy"]) - (pruning.accuracy_drop or 0.0)
