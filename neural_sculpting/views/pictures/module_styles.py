"""How modules are named and colored, the same in the picture of the network and of the hierarchy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from neural_sculpting.views.pictures import svg

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#332288", "#6b4e16")
"""Okabe and Ito's colors without yellow and black, with indigo and brown: apart for every kind of color vision."""

DARK_TEXT_ON = frozenset({"#e69f00", "#cc79a7", "#56b4e9"})
OUTLINES: tuple[Literal["filled", "ring", "dashed"], ...] = ("filled", "ring", "dashed")


@dataclass(frozen=True)
class ModuleStyle:
    """The look of one module.

    Attributes:
        letter: "A" to "Z", then "AA", "AB", …
        color: A color of `COLORS`.
        outline: The colors repeat with another outline.
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
        return f'fill="{svg.BACKGROUND}" stroke="{self.color}" stroke-width="2"{dashes}'

    @property
    def text_color(self) -> str:
        """The color of a letter on top of the shape."""
        return svg.INK if self.outline != "filled" or self.color in DARK_TEXT_ON else svg.BACKGROUND


def module_levels(graph: nx.DiGraph) -> list[list[Any]]:
    """Arranges modules by the longest path of uses that leads to them, each level in reading order.

    Modules that use each other in a circle share a level. A module that nothing uses and that uses nothing but has
    outputs and no inputs stands with the last level, where the outputs are.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.

    Returns:
        The levels from used to using; a level is sorted by smallest input, smallest output and name.
    """
    if len(graph) == 0:
        return []
    circles = nx.condensation(graph)
    levels = [
        [module for circle in generation for module in circles.nodes[circle]["members"]]
        for generation in nx.topological_generations(circles)
    ]
    outputs_only = [
        module
        for module in levels[0]
        if not graph.degree(module) and not graph.nodes[module]["inputs"] and len(levels) > 1
    ]
    levels[0] = [module for module in levels[0] if module not in outputs_only]
    levels[-1] = levels[-1] + outputs_only

    def reading_order(module: Any) -> tuple[float, float, Any]:
        inputs, outputs = graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]
        return min(inputs, default=float("inf")), min(outputs, default=float("inf")), module

    return [sorted(level, key=reading_order) for level in levels]


def module_styles(graph: nx.DiGraph) -> dict[Any, ModuleStyle]:
    """Gives every module a letter and a look, in reading order: level by level, then by smallest input and output.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.

    Returns:
        The style of each node.
    """
    modules = [module for level in module_levels(graph) for module in level]
    return {
        module: ModuleStyle(
            letter=_letter(index),
            color=COLORS[index % len(COLORS)],
            outline=OUTLINES[index // len(COLORS) % len(OUTLINES)],
        )
        for index, module in enumerate(modules)
    }


def _letter(index: int) -> str:
    """Returns the name of the column with this index in a spreadsheet: A to Z, then AA, AB and so on."""
    letters = ""
    while index >= 0:
        index, remainder = divmod(index, 26)
        letters = chr(ord("A") + remainder) + letters
        index -= 1
    return letters
