"""The hierarchy that most trials of a task agree on, for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.tree import Tree

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.views.terminal.hierarchy_tree import hierarchy_trees, lines_of

MOST_LINES = 16


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
    trees: tuple[Tree, ...] = ()
    formulas_heading: str = ""
    formulas: Sequence[str] = ()


def agreement_of(cell: Cell) -> Agreement | None:
    """Describe the hierarchy that most trials have, with the formulas of the best of them; None where none has any."""
    first, best, trials = cell.consensus, cell.best, cell.trials
    if first is None or best is None:
        return None
    if first.trials == 1 and len(cell.hierarchies) > 1:
        return Agreement(f"{len(cell.hierarchies)} different hierarchies in {len(trials)} trials")
    share = "hierarchy" if len(trials) == 1 else f"hierarchy of {first.trials} of {len(trials)} trials"
    heading = f"{share}{_expected(cell, first)}"
    if first.trials == 1:  # whose pixels can be counted
        group = cell.sweep.groups[best["group"]]
        trees = tuple(hierarchy_trees(group.graphs[best["network"]], group.labels))
    else:
        trees = tuple(hierarchy_trees(first.graph, cell.labels))
    if sum(map(lines_of, trees)) > MOST_LINES:
        return Agreement(f"{heading}: {len(first.graph)} modules")
    formulas = cell.sweep.formulas(best)
    if len(formulas) > MOST_LINES:
        formulas = ()
    return Agreement(heading, trees, f"what its modules compute ({best['layers']}, seed {best['seed']})", formulas)


def _expected(cell: Cell, consensus: Consensus) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = cell.trials["exact"].iloc[list(consensus.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
