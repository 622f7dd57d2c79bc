"""Hierarchies as small trees of text, and the one that most trials of a task agree on."""

from typing import Any

import networkx as nx

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters

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


def agreement_lines(cell: Cell, name: str = "") -> list[Line]:
    """Describe the hierarchy that most trials found, with the formulas of the best of them; empty where there is none.

    The hierarchy is left out where it is too large or no two trials agree, the formulas also where they are unknown or
    too many.

    Args:
        cell: the trials.
        name: of their task, where the heading needs it.
    """
    first, best, trials = cell.consensus, cell.best, cell.trials
    if first is None or best is None:
        return []
    prefix = f"{name}: " if name else ""
    if first.trials == 1 and len(cell.hierarchies) > 1:
        return [(f"{prefix}{len(cell.hierarchies)} different hierarchies in {len(trials)} trials", "bold")]
    share = "hierarchy" if len(trials) == 1 else f"hierarchy of {first.trials} of {len(trials)} trials"
    heading = f"{prefix}{share}{_as_expected(cell, first)}"
    if first.trials == 1:  # whose pixels can be counted
        group = cell.sweep.groups[best["group"]]
        tree = hierarchy_lines(group.graphs[best["network"]], group.labels)
    else:
        tree = hierarchy_lines(first.graph, cell.labels)
    if len(tree) > MOST_LINES:
        return [(f"{heading}: {len(first.graph)} modules", "bold")]
    lines: list[Line] = [(heading, "bold"), *((line, None) for line in tree)]
    if 0 < len(formulas := cell.sweep.formulas(best)) <= MOST_LINES:
        lines.append((f"what its modules compute ({best['layers']}, seed {best['seed']})", "bold"))
        lines += [(formula, None) for formula in formulas]
    return lines


def _as_expected(cell: Cell, consensus: Consensus) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = cell.trials["exact"].iloc[list(consensus.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
