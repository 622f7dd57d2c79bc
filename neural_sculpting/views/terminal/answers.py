"""The answer to a task as lines of text: its tree with support, what is open, and what chance and the examples give."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.answers import Answer
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.answer_words import answer_facts, as_expected, beside_the_answer
from neural_sculpting.views.terminal.hierarchies import (
    MOST_LINES,
    Line,
    bold,
    common_lines,
    formula_lines,
    hierarchy_lines,
    wrapped,
)

GAP = "    "
"""Between trees beside each other."""

LABEL = 12
"""Columns of what a fact is about."""


def answer_lines(cell: Cell, name: str = "", width: int = 80, *, formulas: bool = True) -> list[Line]:
    """Describe the answer of a cell, whose task has a ``name`` where the heading needs it, in lines of a ``width``.

    If no trial has learned the task, say what to do next. Without ``formulas`` these are not read.
    """
    answer = cell.answer
    if answer is None:
        return common_lines(cell, width)
    judged = as_expected(cell, answer.hierarchy)
    heading = f"{name}: " * bool(name) + "answer" + f" ({judged})" * bool(judged)
    tree = tree_with_support(answer, cell.labels)
    if len(tree) > MOST_LINES:
        heading, tree = f"{heading}: {len(answer.hierarchy)} modules", []
    lines: list[Line] = [*bold(heading, width), *((line, None) for line in tree)]
    if formulas and cell.best_with_answer is not None:
        lines += formula_lines(cell, cell.best_with_answer)
    lines += [(line, None) for line in fact_lines(answer_facts(cell, answer), width)]
    further = [(what, hierarchy_lines(graph, cell.labels)) for what, graph in beside_the_answer(cell, answer)]
    return [*lines, *((line, None) for line in _beside_each_other(further, width)), *common_lines(cell, width)]


def tree_with_support(answer: Answer, labels: Labels) -> list[str]:
    """Draw the hierarchy of an answer, and beside each module how many of the trials that learned have it."""
    modules = answer.hierarchy.nodes
    return hierarchy_lines(
        answer.hierarchy, labels, lambda each: f"{round(modules[each]['support'] * answer.learned)} of {answer.learned}"
    )


def fact_lines(facts: Mapping[str, str], width: int) -> list[str]:
    """Facts as lines, each after what it is about."""
    return wrapped([f"{about:{LABEL}} {words}" for about, words in facts.items()], width, indent=LABEL + 1)


def _beside_each_other(trees: Sequence[tuple[str, Sequence[str]]], width: int) -> list[str]:
    """Put trees with their headings beside each other, as many as fit; the others are counted."""
    shown: list[list[str]] = []
    for heading, tree in trees:
        column = [f"{heading}:", *tree]
        widths = [max(map(len, each)) for each in (*shown, column)]
        if len(tree) <= MOST_LINES and sum(widths) + len(GAP) * len(shown) <= width:
            shown.append(column)
    widths = [max(map(len, each)) for each in shown]
    rows = zip_longest(*shown, fillvalue="")
    lines = [GAP.join(f"{cell:{size}}" for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    if more := len(trees) - len(shown):
        lines.append(f"and {more} more, in report.html")
    return lines
