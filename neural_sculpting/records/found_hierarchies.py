"""Which hierarchies the trials of a task found: how they are compared, and how they are named where they are shown."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import networkx as nx
import pandas as pd

from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.selected_trials import best_first
from neural_sculpting.scoring.consensus import Consensus, by_parts, consensus_of
from neural_sculpting.scoring.labels import Labels, side_label


def found_hierarchies(groups: Sequence[GroupRecord], trials: pd.DataFrame) -> list[Consensus]:
    """The hierarchies that the trials of a task found, the most frequent first.

    Trials that never performed the task have none: what is left of their networks says nothing about it. Of images the
    parts of the inputs are compared, see :func:`as_compared`.

    Args:
        groups: the records of the trials.
        trials: one row for each, with the place of its record in the column ``group``.

    Returns:
        Each as the best of its trials found it, in the form of :func:`as_compared`.
    """
    graphs = [
        as_compared(graph, groups[group]) if graph is not None and status == "sculpted" else None
        for graph, group, status in zip(graphs_of(groups, trials), trials["group"], trials["status"], strict=True)
    ]
    return [replace(one, graph=graphs[best_of(one, trials)]) for one in consensus_of(graphs)]


def graphs_of(groups: Sequence[GroupRecord], trials: pd.DataFrame) -> list[nx.DiGraph | None]:
    """What the networks of some trials look like; None where the analysis failed.

    Args:
        groups: the records of the trials.
        trials: rows with the columns ``group`` and ``network``.
    """
    return [groups[group].graphs[network] for group, network in zip(trials["group"], trials["network"], strict=True)]


def best_of(found: Consensus, trials: pd.DataFrame) -> int:
    """The place of the best of the trials that found a hierarchy.

    Args:
        found: the hierarchy.
        trials: those that ``found.members`` counts.
    """
    members = trials.iloc[list(found.members)].reset_index(drop=True)
    return found.members[int(best_first(members).index[0])]


def as_compared(graph: nx.DiGraph, group: GroupRecord) -> nx.DiGraph:
    """A hierarchy in the form in which those of several trials are compared.

    Which pixels of an image are kept is different in every trial; that a module holds some of one part of the image is
    not. The ``inputs`` of a module are then places of parts: those that the expected hierarchy divides the inputs into,
    or where that is not known the left and the right image. Inputs that are no pixels stay what they are.
    """
    parts = _input_parts(group)
    return graph if parts is None else by_parts(graph, parts)


def compared_labels(group: GroupRecord) -> Labels:
    """How the inputs and outputs of hierarchies in the form of :func:`as_compared` are named."""
    parts = _input_parts(group)
    if parts is None or group.image_shape is None:
        return group.labels
    pixels = prod(group.image_shape)
    return replace(
        group.labels, inputs=lambda places: side_label([number for place in places for number in parts[place]], pixels)
    )


def _input_parts(group: GroupRecord) -> list[Sequence[int]] | None:
    if group.image_shape is None:
        return None
    if group.expected is not None:
        return sorted(held for _, held in group.expected.nodes(data="inputs") if held)
    pixels = prod(group.image_shape)
    return [range(pixels), range(pixels, 2 * pixels)]
