"""The hierarchy that most trials of a task agree on, for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod

import pandas as pd
from rich.tree import Tree

from neural_sculpting.reporting.hierarchy_tree import hierarchy_trees, lines_of
from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.scoring.consensus import Consensus, consensus_of
from neural_sculpting.scoring.labels import Labels, side_label

MOST_LINES = 16


@dataclass(frozen=True)
class Agreement:
    """What the trials of a task agree on.

    Attributes:
        heading: how many found it, and whether it is the expected one.
        trees: the hierarchy; empty where it is too large, or no two trials agree.
    """

    heading: str
    trees: tuple[Tree, ...]


def agreement_of(groups: Sequence[GroupRecord], trials: pd.DataFrame) -> Agreement | None:
    """Find the hierarchy that most trials of a task have.

    Args:
        groups: the groups of a sweep.
        trials: those of one task, as :func:`~neural_sculpting.reporting.answers.answers_of` gives them.

    Returns:
        None where no trial has a hierarchy.
    """
    graphs = [groups[group].graphs[network] for group, network in zip(trials["group"], trials["network"], strict=True)]
    image_shape = groups[trials["group"].iloc[0]].image_shape
    ranked = consensus_of(graphs, _sides(image_shape) if image_shape else None)
    if not ranked:
        return None
    first = ranked[0]
    if first.trials == 1 and len(trials) > 1:
        return Agreement(f"{len(ranked)} different hierarchies in {len(trials)} trials", ())
    share = "hierarchy" if len(trials) == 1 else f"hierarchy of {first.trials} of {len(trials)} trials"
    heading = f"{share}{_expected(trials, first)}"
    trees = tuple(hierarchy_trees(first.graph, _labels(groups[trials["group"].iloc[0]], first)))
    if sum(map(lines_of, trees)) > MOST_LINES:
        return Agreement(f"{heading}: {len(first.graph)} modules", ())
    return Agreement(heading, trees)


def _sides(image_shape: tuple[int, int]) -> tuple[range, range]:
    pixels = prod(image_shape)
    return range(pixels), range(pixels, 2 * pixels)


def _labels(group: GroupRecord, consensus: Consensus) -> Labels:
    """Which pixels are kept is different in every trial: they are counted in a single one only."""
    if group.image_shape is None or consensus.trials == 1:
        return group.labels
    return replace(group.labels, inputs=partial(side_label, image_size=prod(group.image_shape)))


def _expected(trials: pd.DataFrame, consensus: Consensus) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = trials["exact"].iloc[list(consensus.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
