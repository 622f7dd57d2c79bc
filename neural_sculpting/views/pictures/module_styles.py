"""How modules are drawn, the same in the picture of the network and of the hierarchy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from neural_sculpting.scoring.labels import module_letters
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import BRIGHT, DARK_LETTER, INK, MODULES, OTHER_MODULES, PAPER

MOST_MODULES = 32
OUTLINES: tuple[Literal["filled", "ring", "dashed"], ...] = ("filled", "ring", "dashed")


@dataclass(frozen=True)
class ModuleStyle:
    """The look of one module.

    Attributes:
        letter: "A" to "Z", then "AA", "AB", …
        color: one of `colors.MODULES`.
        outline: the colors repeat with another outline.
    """

    letter: str
    color: str
    outline: Literal["filled", "ring", "dashed"]

    @property
    def shape(self) -> str:
        """The SVG attributes of a unit or badge of the module."""
        if self.outline == "filled":
            return f'fill="{self.color}"'
        dashes = ' stroke-dasharray="3 1.5"' if self.outline == "dashed" else ""
        return f'fill="{PAPER}" stroke="{self.color}" stroke-width="2"{dashes}'

    @property
    def letter_color(self) -> str:
        """The color of the letter on top of the shape."""
        if self.outline != "filled":
            return INK
        return DARK_LETTER if self.color in BRIGHT else PAPER

    def badge(self, x: float, y: float, radius: float) -> list[str]:
        """Draw the letter of the module in its shape, around x and y."""
        size = radius * (1.1 if len(self.letter) == 1 else 0.9)
        return [
            svg.circle(x, y, radius, self.shape),
            svg.text(x, y + 0.36 * size, self.letter, size=size, color=self.letter_color, anchor="middle", weight=700),
        ]


OTHERS = ModuleStyle("…", OTHER_MODULES, "filled")
"""The look of all modules that are too small for a look of their own."""


def module_styles(graph: nx.DiGraph) -> dict[Any, ModuleStyle]:
    """Give every module a letter and a look, in reading order: level by level, then by smallest input and output.

    Args:
        graph: nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.
    """
    count = len(MODULES)
    return {
        module: ModuleStyle(letter, MODULES[index % count], OUTLINES[index // count % len(OUTLINES)])
        for index, (module, letter) in enumerate(module_letters(graph).items())
    }


def principal_styles(graph: nx.DiGraph, most: int = MOST_MODULES) -> dict[Any, ModuleStyle]:
    """Give the modules of a large network their look, and none to small modules where there are too many to draw.

    Args:
        graph: as for :func:`module_styles`; where nodes have no attribute `units`, all modules stay.
        most: how many modules may stay: those with outputs first, then those with the most units.
    """
    styles = module_styles(graph)
    if len(graph) <= most or not all("units" in held for _, held in graph.nodes(data=True)):
        return styles

    def importance(module: Any) -> tuple[bool, int]:
        held = graph.nodes[module]
        return bool(held["outputs"]), sum(len(held[units]) for units in ("inputs", "outputs", "units"))

    principal = set(sorted(graph, key=importance, reverse=True)[:most])
    return {module: style for module, style in styles.items() if module in principal}
