"""Why the trials of a group failed, from its record."""

import logging

import networkx as nx
import pandas as pd

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.diagnosis import Case, Failure, diagnose
from neural_sculpting.scoring.diagnosis.failure import unexplained

log = logging.getLogger(__name__)


def failure_of(group: GroupRecord, trial: pd.Series) -> Failure | None:
    """Explain why a trial of a group failed; None for an exact success, and where no hierarchy is expected.

    An error on the way costs the explanation of this trial only.
    """
    if group.expected is None and trial["status"] == "sculpted":
        return None
    try:
        return _diagnosed(group, trial)
    except Exception as error:
        log.debug("why a trial failed could not be found out", exc_info=True)
        return unexplained(error)


def _diagnosed(group: GroupRecord, trial: pd.Series) -> Failure | None:
    network, case = int(trial["network"]), None
    if group.graphs[network] is not None:
        case = Case(
            masks=group.masks_of(network),
            hierarchy=group.hierarchy_of(network),
            expected=group.expected if group.expected is not None else nx.DiGraph(),
            ignore_pruned_inputs=group.ignore_pruned_inputs,
            settings=group.config.analysis.thresholds,
            labels=group.labels,
        )
    return diagnose(trial, case, accuracy_asked(group, trial))


def accuracy_asked(group: GroupRecord, trial: pd.Series) -> float:
    """The accuracy that a trial had to reach, 0 to 1: as configured, or relative to its own dense network.

    It counts less the slack of the phase in which it was not reached.
    """
    ways, name = dict(group.config.pruning.by_variant()), trial.get("variant")
    pruning = ways[name if isinstance(name, str) and name in ways else next(iter(ways))]
    slack = getattr(pruning, pruning.phases[0 if trial["status"] == "never_learned" else -1]).slack
    if pruning.accuracy_threshold is not None:
        return float(pruning.accuracy_threshold - slack)
    return float(group.lowest_accepted(trial["dense_accuracy"])) - float(slack)
