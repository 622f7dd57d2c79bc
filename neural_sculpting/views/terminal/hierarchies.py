"""The hierarchy that most trials of a task agree on, for the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from rich.tree import Tree

from neural_sculpting.records.found_hierarchies import best_of, compared_labels, found_hierarchies
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.views.terminal.hierarchy_tree import hierarchy_trees, lines_of

MOST_LINES = 16

ReadFormulas = Callable[[GroupRecord, pd.Series], Sequence[str]]
"""Reads a trial as lines of formulas; none where its inputs are no bits, or it would take long."""


@dataclass(frozen=True)
class Agreement:
    """What the trials of a task agree on.

    Attributes:
        heading: how many found it, and whether it is the expected one.
        trees: the hierarchy; empty where it is too large, or no two trials agree.
        formulas_heading: which trial the formulas are of.
        formulas: what its modules compute, a line each; none where the hierarchy is not shown, they are not known, or
            too many.
    """

    heading: str
    trees: tuple[Tree, ...]
    formulas_heading: str = ""
    formulas: Sequence[str] = ()


def no_formulas(group: GroupRecord, trial: pd.Series) -> Sequence[str]:
    """Read none."""
    return ()


def agreement_of(
    groups: Sequence[GroupRecord], trials: pd.DataFrame, read_formulas: ReadFormulas = no_formulas
) -> Agreement | None:
    """Find the hierarchy that most trials of a task have.

    Args:
        groups: the groups of a sweep.
        trials: those of one task, as :func:`~neural_sculpting.records.selected_trials.selected_trials_of` gives them.
        read_formulas: asked for the best of the trials that have it.

    Returns:
        None where no trial has a hierarchy.
    """
    found = found_hierarchies(groups, trials)
    if not found:
        return None
    first = found[0]
    if first.trials == 1 and len(trials) > 1:
        return Agreement(f"{len(found)} different hierarchies in {len(trials)} trials", ())
    share = "hierarchy" if len(trials) == 1 else f"hierarchy of {first.trials} of {len(trials)} trials"
    heading = f"{share}{_expected(trials, first)}"
    best = trials.iloc[best_of(first, trials)]
    group = groups[best["group"]]
    if first.trials == 1:  # whose pixels can be counted
        trees = tuple(hierarchy_trees(group.graphs[best["network"]], group.labels))
    else:
        trees = tuple(hierarchy_trees(first.graph, compared_labels(group)))
    if sum(map(lines_of, trees)) > MOST_LINES:
        return Agreement(f"{heading}: {len(first.graph)} modules", ())
    formulas = read_formulas(group, best)
    if len(formulas) > MOST_LINES:
        formulas = ()
    return Agreement(heading, trees, f"what its modules compute ({best['layers']}, seed {best['seed']})", formulas)


def _expected(trials: pd.DataFrame, consensus: Consensus) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = trials["exact"].iloc[list(consensus.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
