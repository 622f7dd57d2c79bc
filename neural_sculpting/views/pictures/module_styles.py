"""The look of modules, the same in pictures of networks and of hierarchies."""

from collections.abc import Mapping
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
    """The letter, color and outline of a module; where the colors of `colors.MODULES` repeat, the outline differs."""

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
        """Draw the letter of the module in its shape, centered at (x, y)."""
        size = max(radius * (1.1 if len(self.letter) == 1 else 0.9), svg.SMALLEST_TEXT)
        return [
            svg.circle(x, y, radius, self.shape),
            svg.text(x, y + 0.36 * size, self.letter, size=size, color=self.letter_color, anchor="middle", weight=700),
        ]


OTHERS = ModuleStyle("…", OTHER_MODULES, "filled")
"""The shared look of modules that are too small to have their own."""

Styles = Mapping[Any, ModuleStyle]
"""The look of modules by their name in the hierarchy."""


def module_styles(graph: nx.DiGraph, most: int | None = MOST_MODULES) -> Styles:
    """Style the modules in reading order: level by level, then by smallest input and output.

    Of more than `most` modules only the largest have a style: those with outputs, then those with the most units.
    Where nodes have no attribute `units`, as in an expected hierarchy, all do.
    """
    styled = set(graph)
    if most is not None and len(graph) > most and all("units" in node for _, node in graph.nodes(data=True)):

        def importance(module: Any) -> tuple[bool, int]:
            node = graph.nodes[module]
            return bool(node["outputs"]), sum(len(node[units]) for units in ("inputs", "outputs", "units"))

        styled = set(sorted(graph, key=importance, reverse=True)[:most])
    return {
        module: ModuleStyle(letter, MODULES[index % len(MODULES)], OUTLINES[index // len(MODULES) % len(OUTLINES)])
        for index, (module, letter) in enumerate(module_letters(graph).items())
        if module in styled
    }
