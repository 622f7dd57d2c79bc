"""Colors that follow the page: light or dark, whatever the reader's device asks for.

The pictures of ``reporting`` have the colors of a white page written into them. On a page each of these is a variable
of its style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import networkx as nx

from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import OTHERS
from neural_sculpting.views.pictures.module_styles import COLORS, ModuleStyle, module_styles
from neural_sculpting.views.pictures.pixel_map import REMOVED_COLOR

VARIABLES = {
    svg.BACKGROUND: "paper",
    svg.BORDER: "line",
    svg.FAINT: "faint",
    svg.MUTED: "muted",
    svg.INK: "ink",
    OTHERS.color: "others",
    REMOVED_COLOR: "removed",
}
"""The variables of the style sheet that stand for the colors of pictures; modules have ``m0``, ``m1``, …"""

_COLOR = re.compile(r'"(#[0-9a-f]{6})"')


@dataclass(frozen=True)
class ThemedStyle(ModuleStyle):
    """The look of one module in the colors of the page."""

    @property
    def text_color(self) -> str:
        """The color of a letter on top of the shape."""
        return svg.INK if self.outline != "filled" else f"var(--on-{self.color.removeprefix('var(--')}"


def themed_styles(graph: nx.DiGraph) -> dict[Any, ModuleStyle]:
    """Give every module the letter and the look that it has in other pictures, in the colors of the page."""
    return {
        module: ThemedStyle(style.letter, f"var(--m{COLORS.index(style.color)})", style.outline)
        for module, style in module_styles(graph).items()
    }


def themed(elements: Iterable[str]) -> str:
    """Join the elements of a picture, with variables in place of the colors of a white page."""
    return _COLOR.sub(lambda found: f'"var(--{VARIABLES[found[1]]})"', "".join(elements))
