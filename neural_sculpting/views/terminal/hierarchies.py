"""Hierarchies as small trees of text, the one that the trials of a task agree on, or what else they agree on."""

from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.consensus import FoundHierarchy
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.common_ground import advice, common_ground
from neural_sculpting.views.terminal.wrapping import wrapped

MOST_LINES = 16
SEEN = "(see above)"

Line = tuple[str, str | None]
"""A line of text and its style."""


def hierarchy_lines(graph: nx.DiGraph, labels: Labels = NUMBERED) -> list[str]:
    """Draw a hierarchy: each module above those that it uses, one tree for each module that no other one uses.

    A line shows the outputs of a module, its letter as in the pictures, and its inputs. A module that several use
    appears below each of them, what it uses itself only below the first.

    Args:
        graph: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.
        labels: names the inputs and outputs.
    """
    letters = module_letters(graph)
    drawn: set[Any] = set()

    def tree(module: Any) -> list[str]:
        used = [other for other in letters if graph.has_edge(other, module) and other != module]
        again = module in drawn and bool(used)
        drawn.add(module)
        node = graph.nodes[module]
        words = (labels.outputs(node["outputs"]), letters[module], labels.inputs(node["inputs"]), SEEN if again else "")
        lines = ["  ".join(word for word in words if word)]
        for other in [] if again else used:
            first, *rest = tree(other)
            branch, indent = ("└── ", "    ") if other == used[-1] else ("├── ", "│   ")
            lines += [branch + first, *(indent + line for line in rest)]
        return lines

    roots = [module for module in letters if not graph.out_degree(module)]
    # Modules that only a circle of uses leads to come last.
    return [line for module in [*roots, *reversed(list(letters))] if module not in drawn for line in tree(module)]


def agreement_lines(cell: Cell, name: str = "", width: int = 80, *, formulas: bool = True) -> list[Line]:
    """Describe the hierarchy that trials agree on, with the formulas of the best of them; empty where there is none.

    The hierarchy is left out where it is too large, the formulas also where they are unknown or too many. Without a
    consensus, or with one of at most half of the trials, what they agree on follows.

    Args:
        cell: the trials.
        name: of their task, where the heading needs it.
        width: of a line of text.
        formulas: whether to read them.
    """
    if not cell.hierarchies:
        return []
    prefix, trials = f"{name}: " if name else "", len(cell.trials)
    common = [(line, None) for line in _common_lines(cell, width)] if cell.is_split else []
    if cell.shown is None or cell.best is None:
        return [
            (f"{prefix}no consensus: {len(cell.hierarchies)} different hierarchies in {trials} trials", "bold"),
            *common,
        ]
    return [*_shown_lines(cell, cell.shown, cell.best, prefix, formulas=formulas), *common]


def _shown_lines(cell: Cell, shown: FoundHierarchy, best: pd.Series, prefix: str, *, formulas: bool) -> list[Line]:
    trials = len(cell.trials)
    share = "hierarchy" if trials == 1 else f"hierarchy of {shown.trials} of {trials} trials"
    heading = f"{prefix}{share}{_as_expected(cell, shown)}"
    if shown.trials == 1:  # whose pixels can be counted
        group = cell.sweep.groups[best["group"]]
        tree = hierarchy_lines(group.graphs[best["network"]], group.labels)
    else:
        tree = hierarchy_lines(shown.graph, cell.labels)
    if len(tree) > MOST_LINES:
        return [(f"{heading}: {len(shown.graph)} modules", "bold")]
    lines: list[Line] = [(heading, "bold"), *((line, None) for line in tree)]
    read = cell.sweep.formulas(best) if formulas else ()
    if 0 < len(read) <= MOST_LINES:
        lines.append((f"what its modules compute ({best['layers']}, seed {best['seed']})", "bold"))
        lines += [(formula, None) for formula in read]
    return lines


def _common_lines(cell: Cell, width: int) -> list[str]:
    facts = {**common_ground(cell), "next": advice(cell)}
    lines = [f"{label:18} {text}" for label, text in facts.items() if text]
    return wrapped(lines, width, indent=19)


def _as_expected(cell: Cell, found: FoundHierarchy) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = cell.trials["exact"].iloc[list(found.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
