"""Why a trial failed: the first explanation that the evidence supports."""

from collections.abc import Mapping, Sequence
from math import floor, isinf
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.explanations import other_hierarchy, wrong_paths, wrong_thresholds
from neural_sculpting.scoring.failures import Case, Failure, Kind
from neural_sculpting.scoring.labels import NUMBERED, Labels

__all__ = ["Failure", "Kind", "diagnose"]


def diagnose(
    trial: pd.Series,
    masks: Sequence[BoolArray],
    found: nx.DiGraph | None,
    expected: nx.DiGraph,
    settings: Mapping[str, Any],
    ignore_pruned_inputs: bool,
    *,
    accuracy_asked: float | None = None,
    labels: Labels = NUMBERED,
) -> Failure | None:
    """Tell why a trial is no exact success.

    Explanations are tried in the order of the kinds of :class:`Failure`; the first one that the evidence supports
    counts. Beyond the first there may be others: a network that was pruned too far may still see too much elsewhere.

    Args:
        trial: its row: ``status``, ``reason``, ``exact``, ``accuracy`` and ``dense_accuracy``.
        masks: those of the network that is its answer, ``(fan_in, fan_out)`` for each weight layer.
        found: the hierarchy of that network, None where it failed.
        expected: the hierarchy that counts as success.
        settings: ``hops``, ``merging_threshold`` and ``modularity_threshold``, with which the hierarchy was found.
        ignore_pruned_inputs: whether a removed input does no harm as long as its expected module keeps another.
        accuracy_asked: the accuracy that the trial had to reach, 0 to 1; None where it is not known.
        labels: how inputs and outputs are named.

    Returns:
        The explanation; None for an exact success.
    """
    status = trial["status"]
    if status in ("never_learned", "lost"):
        return _not_learned(trial, accuracy_asked)
    if status == "failed" or found is None:
        return Failure("failed", f"Failed: {trial['reason'] or 'no reason is known'}", "")
    if trial["exact"]:
        return None
    case = Case(masks, found, expected, settings, ignore_pruned_inputs, labels)
    return wrong_paths(case) or wrong_thresholds(case) or other_hierarchy(case)


def _not_learned(trial: pd.Series, asked: float | None) -> Failure:
    needed = "the threshold" if asked is None else f"the {_percent(asked)} that are asked"
    reached = f"an accuracy of {_percent(trial['accuracy'])} is below {needed}"
    dense = f"The dense network reached {_percent(trial['dense_accuracy'])}."
    if trial["status"] == "never_learned":
        detail = f"{dense} No network, dense or pruned, reached the threshold."
        return Failure("never_learned", f"Never learned the task: {reached}", detail)
    detail = f"{dense} Units were pruned with success; while edges were pruned no network reached the threshold."
    return Failure("lost", f"Lost the task while edges were pruned: {reached}", detail)


def _percent(share: float) -> str:
    """Rounded down: what is below a threshold must not look as if it were reached."""
    return "unknown" if pd.isna(share) or isinf(share) else f"{floor(share * 10_000 + 1e-6) / 100:g}%"
