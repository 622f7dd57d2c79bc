"""An answer that a notebook shows as a picture, and that prints as the terminal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from neural_sculpting.scoring.answers import Answer
from neural_sculpting.views.answer_words import answer_facts
from neural_sculpting.views.shown_hierarchy import ShownHierarchy
from neural_sculpting.views.terminal.answers import fact_lines, tree_with_support

if TYPE_CHECKING:
    from neural_sculpting.records.cell import Cell

WIDTH = 80
"""Columns of printed text."""


@dataclass(frozen=True, eq=False, repr=False)
class ShownAnswer(Answer):
    """The hierarchy that all trials of a task together support; see :class:`~neural_sculpting.scoring.answers.Answer`.

    Attributes:
        facts: what to say beside the hierarchy, by what it is about.
    """

    facts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cell: Cell) -> ShownAnswer | None:
        """Return the answer of a cell with hierarchies that can be shown; None if no trial learned the task."""
        answer = cell.answer
        if answer is None:
            return None
        finer = answer.refinement
        values = {each.name: getattr(answer, each.name) for each in fields(Answer)} | {
            "hierarchy": ShownHierarchy(answer.hierarchy, cell.labels),
            "alternatives": tuple(ShownHierarchy(graph, cell.labels) for graph in answer.alternatives),
            "refinement": None if finer is None else ShownHierarchy(finer, cell.labels),
        }
        return cls(**values, facts=answer_facts(cell, answer))

    def __str__(self) -> str:
        labels = getattr(self.hierarchy, "labels")  # noqa: B009
        return "\n".join([*tree_with_support(self, labels), *fact_lines(self.facts, WIDTH)])

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        picture: str = self.hierarchy._repr_svg_()
        return picture
