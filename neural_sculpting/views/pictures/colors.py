"""The colors of all pictures, on light and dark screens, and the letters, colors and outlines of modules.

Pictures are written in the light colors, so that any program can show their files. A web page replaces each color by a
CSS variable, with the style sheet of this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from neural_sculpting.scoring.labels import module_letters
from neural_sculpting.views.pictures import svg

MODULES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#332288", "#6b4e16")
"""Okabe and Ito's colors without yellow and black, plus indigo and brown: distinct for every kind of color vision."""

DARK_MODULES = ("#4aa3e0", "#f0b429", "#2fc297", "#e394bf", "#f37f3f", "#8fd0f7", "#a393f5", "#c9a46a")
"""The same hues on a dark screen."""

PAPER, LINE, FAINT, MUTED, INK = "#ffffff", "#e1e5ea", "#b9c1cb", "#56616f", "#1d2733"

OTHER_MODULES = "#8a94a0"
"""The shared color of modules that are too small to have their own."""

REMOVED_PIXEL = "#e4e8ec"

POSITIVE, NEGATIVE = "#2166ac", "#b2182b"
"""The signs of weights: the ends of ColorBrewer's RdBu, distinct for every kind of color vision."""

DARK_LETTER = "#10151b"
"""The color of a module's letter on a bright color; on all others it is the color of the paper."""

BRIGHT = frozenset({"#e69f00", "#cc79a7", "#56b4e9"})

THEMES = {
    "paper": (PAPER, "#171c22"),
    "line": (LINE, "#2b333d"),
    "faint": (FAINT, "#5b6673"),
    "muted": (MUTED, "#a3aebb"),
    "ink": (INK, "#e9edf2"),
    "others": (OTHER_MODULES, OTHER_MODULES),
    "removed": (REMOVED_PIXEL, "#2b333d"),
    "positive": (POSITIVE, "#6ba8ee"),
    "negative": (NEGATIVE, "#ff8674"),
    **{f"m{index}": pair for index, pair in enumerate(zip(MODULES, DARK_MODULES, strict=True))},
}
"""The light and the dark value of every CSS variable."""


def style_sheet() -> str:
    """Write the CSS variables of both themes, and the rules that replace the colors of pictures by them."""
    light, dark = (
        "".join(f"--{name}:{color};" for name, color in zip(THEMES, theme, strict=True))
        for theme in zip(*THEMES.values(), strict=True)
    )
    rules = (
        f'svg [{attribute}="{color}"]{{{attribute}:var(--{name})}}'
        for name, (color, _) in THEMES.items()
        for attribute in ("fill", "stroke")
    )
    return "\n".join([f":root{{{light}}}", f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}", *rules])


MOST_MODULES = 32
OUTLINES: tuple[Literal["filled", "ring", "dashed"], ...] = ("filled", "ring", "dashed")


@dataclass(frozen=True)
class ModuleStyle:
    """The letter, color and outline of a module; where the colors of `MODULES` repeat, the outline differs."""

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
