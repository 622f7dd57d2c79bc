"""Lines of text: wrapped ones, and hierarchies as small trees, with what else the trials of a task agree on."""

import re
from collections.abc import Callable, Iterable
from textwrap import wrap
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.consensus import FoundHierarchy
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.answer_words import advice, common_ground

_SETTING = re.compile(r"'\w+(?:\.\w+)*=[^']*'")
_KEPT = "\0"
"""Stands for the blanks of a setting, where no line ends; no name of a column contains it."""


def wrapped(lines: Iterable[str], width: int, indent: int = 2) -> list[str]:
    """Break lines between words; a setting such as ``'task.inputs=[petal length]'`` stays whole, if need be too long.

    Args:
        lines: to be broken.
        width: of the terminal, in characters.
        indent: of what follows the first part of a line, in characters.
    """
    parts = [
        part
        for line in lines
        for part in wrap(
            _SETTING.sub(lambda found: found[0].replace(" ", _KEPT), line),
            width,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
    return [part.replace(_KEPT, " ") for part in parts]


MOST_LINES = 16
SEEN = "(see above)"

Line = tuple[str, str | None]
"""A line of text and its style."""


def hierarchy_lines(
    graph: nx.DiGraph, labels: Labels = NUMBERED, beside: Callable[[Any], str] | None = None
) -> list[str]:
    """Draw a hierarchy: each module above those that it uses, one tree for each module that no other one uses.

    A line shows the outputs of a module, its letter as in the pictures, and its inputs. A module that several use
    appears below each of them, what it uses itself only below the first.

    Args:
        graph: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.
        labels: names the inputs and outputs.
        beside: what stands beside the line of a module, in a column of its own; not again where it appears again.
    """
    letters = module_letters(graph)
    drawn: set[Any] = set()

    def tree(module: Any) -> list[tuple[str, str]]:
        used = [other for other in letters if graph.has_edge(other, module) and other != module]
        note = "" if module in drawn or beside is None else beside(module)
        again = module in drawn and bool(used)
        drawn.add(module)
        node = graph.nodes[module]
        words = (labels.outputs(node["outputs"]), letters[module], labels.inputs(node["inputs"]), SEEN if again else "")
        lines = [("  ".join(word for word in words if word), note)]
        for other in [] if again else used:
            branch, indent = ("└── ", "    ") if other == used[-1] else ("├── ", "│   ")
            ahead = [branch]
            for line, of in tree(other):
                lines.append((ahead[-1] + line, of))
                ahead.append(indent)
        return lines

    roots = [module for module in letters if not graph.out_degree(module)]
    # Modules that only a circle of uses leads to come last.
    lines = [line for module in [*roots, *reversed(list(letters))] if module not in drawn for line in tree(module)]
    widest = max((len(line) for line, _ in lines), default=0)
    return [f"{line:{widest}}    {of}" if of else line for line, of in lines]


def agreement_lines(cell: Cell, name: str = "", width: int = 80, *, formulas: bool = True) -> list[Line]:
    """Describe the hierarchy that trials agree on, with the formulas of the best of them; empty where there is none.

    The hierarchy is left out where it is too large, the formulas also where they are unknown or too many. Without a
    consensus, or with one of at most half of the trials, what they agree on follows.

    The arguments are those of :func:`~neural_sculpting.views.terminal.answers.answer_lines`.
    """
    if not cell.hierarchies:
        return common_lines(cell, width)
    prefix, trials = f"{name}: " if name else "", len(cell.trials)
    common = common_lines(cell, width)
    if cell.shown is None or cell.best is None:
        return [
            (f"{prefix}no consensus: {len(cell.hierarchies)} different hierarchies in {trials} trials", "bold"),
            *common,
        ]
    heading, tree = _shown(cell, cell.shown, cell.best)
    is_large = len(tree) > MOST_LINES
    lines = bold(f"{prefix}{heading}" + f": {len(cell.shown.graph)} modules" * is_large, width)
    if not is_large:
        lines += [(line, None) for line in tree]
        lines += formula_lines(cell, cell.best) if formulas else []
    return [*lines, *common]


def _shown(cell: Cell, shown: FoundHierarchy, best: pd.Series) -> tuple[str, list[str]]:
    trials = len(cell.trials)
    share = "hierarchy" if trials == 1 else f"hierarchy of {shown.trials} of {trials} trials"
    heading = f"{share}{_as_expected(cell, shown)}{_by_chance(cell)}"
    if shown.trials > 1:
        return heading, hierarchy_lines(shown.graph, cell.labels)
    group = cell.sweep.groups[best["group"]]  # whose pixels can be counted
    return heading, hierarchy_lines(group.graphs[best["network"]], group.labels)


def bold(heading: str, width: int) -> list[Line]:
    """A heading as lines that fit."""
    return [(line, "bold") for line in wrapped([heading], width)]


def formula_lines(cell: Cell, trial: pd.Series) -> list[Line]:
    """What the modules of a trial compute; nothing where that is not known, or too much."""
    read = cell.sweep.formulas(trial)
    if not 0 < len(read) <= MOST_LINES:
        return []
    heading = (f"what its modules compute ({trial['layers']}, seed {trial['seed']})", "bold")
    return [heading, *((formula, None) for formula in read)]


def common_lines(cell: Cell, width: int) -> list[Line]:
    """List what trials that are split agree on all the same, and what to do next."""
    facts = {**common_ground(cell), "next": advice(cell)}
    lines = [f"{label:18} {text}" for label, text in facts.items() if text]
    return [(line, None) for line in wrapped(lines, width, indent=19)]


def _by_chance(cell: Cell) -> str:
    """Of how many trials the answer is with rewired edges, in few words; a single trial is no answer."""
    if cell.nulls is None or len(cell.trials) == 1:
        return ""
    share = cell.nulls.rewired
    of = f" of {share.trials}" * (share.trials < len(cell.trials))
    return f", {share.count}{of} with rewired edges"


def _as_expected(cell: Cell, found: FoundHierarchy) -> str:
    """Whether it is the expected one, where that is known; it may be at one depth and not at another."""
    exact = cell.trials["exact"].iloc[list(found.members)]
    if exact.isna().any():
        return ""
    if exact.nunique() == 1:
        return " (as expected)" if exact.all() else " (not the expected one)"
    return f" (as expected in {int(exact.sum())})"
