"""How modules are named and colored, the same in the picture of the network and of the hierarchy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from neural_sculpting.scoring.labels import module_letters
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


def module_styles(graph: nx.DiGraph) -> dict[Any, ModuleStyle]:
    """Give every module a letter and a look, in reading order: level by level, then by smallest input and output.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.

    Returns:
        The style of each node.
    """
    return {
        module: ModuleStyle(
            letter=letter,
            color=COLORS[index % len(COLORS)],
            outline=OUTLINES[index // len(COLORS) % len(OUTLINES)],
        )
        for index, (module, letter) in enumerate(module_letters(graph).items())
    }
