"""What notebooks show as a picture or as it is, and what prints as the terminal shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any, Self, overload

import networkx as nx

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.networks.architecture import Pattern
from neural_sculpting.records.cell import Cell
from neural_sculpting.scoring.answers import Answer
from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.answer_words import answer_facts
from neural_sculpting.views.pictures.drawing import draw_hierarchy, draw_patterns
from neural_sculpting.views.terminal.answers import fact_lines, tree_with_support
from neural_sculpting.views.terminal.hierarchies import hierarchy_lines


class ShownText(str):
    """Text that is shown without quotes, line by line, where it is a notebook's result."""

    __repr__ = str.__str__

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.2">{escape(self)}</pre>'


class ShownHierarchy(nx.DiGraph):  # type: ignore[misc]  # networkx has no types
    """A graph of modules: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.

    Args:
        graph: such a graph; None for an empty one, which networkx itself creates.
        labels: how inputs and outputs are named.
    """

    def __init__(self, graph: nx.DiGraph | None = None, labels: Labels = NUMBERED, **attributes: Any) -> None:
        super().__init__(graph, **attributes)
        self.labels = labels

    def __str__(self) -> str:
        return "\n".join(hierarchy_lines(self, self.labels)) or "no modules"

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return draw_hierarchy(self, self.labels)


def shown_graphs(found: Answer | Decomposition, labels: Labels) -> dict[str, Any]:
    """Return the fields of an answer that are hierarchies, as hierarchies that can be shown."""
    finer = found.refinement
    return {
        "hierarchy": ShownHierarchy(found.hierarchy, labels),
        "alternatives": tuple(ShownHierarchy(graph, labels) for graph in found.alternatives),
        "refinement": None if finer is None else ShownHierarchy(finer, labels),
    }


@dataclass(frozen=True, eq=False, repr=False)
class ShownPatterns(Sequence[Pattern]):
    """Patterns in the order of their units, removed ones included. A notebook shows those that are left.

    Attributes:
        all: the patterns.
        modules: the kept units and modules of each stage.
    """

    all: tuple[Pattern, ...]
    modules: Hierarchy

    @overload
    def __getitem__(self, number: int) -> Pattern: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Pattern, ...]: ...
    def __getitem__(self, number: int | slice) -> Pattern | tuple[Pattern, ...]:
        return self.all[number]

    def __len__(self) -> int:
        return len(self.all)

    def picture(self) -> str:
        """Draw those of units that are left in the colors of their modules, as SVG."""
        return draw_patterns(self.all, self.modules)

    def __repr__(self) -> str:
        return "\n".join(f"{each.of}, {each.name}: {_in_words(each)}" for each in self.all)

    def _repr_svg_(self) -> str | None:
        return self.picture() if self.all else None


def _in_words(pattern: Pattern) -> str:
    """Such as ``16 × 16``, or ``from 0 3 × 3, from 1 3 × 3``."""
    images = (f"{name} {image.shape[0]} × {image.shape[1]}".strip() for name, image in pattern.images.items())
    return ", ".join(images) or "no filters"


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
    def of(cls, cell: Cell) -> Self | None:
        """Return the answer of a cell with hierarchies that can be shown; None if no trial learned the task."""
        answer = cell.answer
        if answer is None:
            return None
        values = {each.name: getattr(answer, each.name) for each in fields(Answer)} | shown_graphs(answer, cell.labels)
        return cls(**values, facts=answer_facts(cell, answer))

    def __str__(self) -> str:
        labels = getattr(self.hierarchy, "labels")  # noqa: B009
        return "\n".join([*tree_with_support(self, labels), *fact_lines(self.facts, WIDTH)])

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        picture: str = self.hierarchy._repr_svg_()
        return picture
