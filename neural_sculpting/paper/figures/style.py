"""The style of the figures of success rates: colors, sizes, and what all of them draw alike."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke
from matplotlib.style import context

from neural_sculpting.files import atomic_write

DOTS_PER_INCH = 200
INK = "#222222"
MUTED = "#666666"
GRID = "#dddddd"
BELOW = "#d55e00"
COLORS = {"sparsest": "#56b4e9", "consensus": "#009e73", "simplest": "#0072b2"}
"""Okabe and Ito's blues and green, each darker than the last, and their vermilion for rates below the paper's interval:
distinct for every kind of color vision."""

DENSE = "#999999"
"""The color of networks before anything was pruned."""

SIGNS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"marker": "s", "color": color} for name, color in COLORS.items()},
    "dense": {"marker": "o", "color": DENSE},
    "paper": {"marker": "D", "color": "white", "markeredgecolor": "black"},
}

SETTINGS: dict[str, Any] = {
    "font.size": 11.5,
    "axes.titlesize": 11.5,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "hatch.color": "#aaaaaa",
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",  # text stays text: it can be searched and edited
    "svg.hashsalt": "neural_sculpting",  # the same rates give the same file
}
NOTE_SIZE = 9
NO_NUMBER = "–"


def save(draw: Callable[[], Figure], folder: Path, name: str) -> list[Path]:
    """Draw a figure in this style, whatever the user's settings; return its PNG and SVG, which are reproducible."""
    settings: dict[str, dict[str, Any]] = {"png": {"dpi": DOTS_PER_INCH}, "svg": {"metadata": {"Date": None}}}
    paths = [folder / f"{name}.{ending}" for ending in settings]
    with context(["default", SETTINGS]):
        figure = draw()
        for path, (ending, values) in zip(paths, settings.items(), strict=True):
            atomic_write(path, partial(figure.savefig, format=ending, **values), durable=False)
    return paths


def percent(rate: float) -> str:
    """Return a rate in whole percents, a dash for none."""
    return NO_NUMBER if pd.isna(rate) else f"{100 * rate:.0f}"


def shade_missing(axes: Axes, left: float, bottom: float, width: float, height: float) -> None:
    """Hatch the area of a cell that has no rate."""
    look: dict[str, Any] = {"facecolor": "#f6f6f6", "edgecolor": "#aaaaaa", "hatch": "////", "linewidth": 0}
    axes.add_patch(Rectangle((left, bottom), width, height, **look))


def draw_interval(axes: Axes, x: float, low: float, high: float) -> None:
    """Draw an interval as a vertical line that contrasts with what is behind it."""
    interval = axes.vlines(x, low, high, color=INK, linewidth=1.2)
    interval.set_path_effects([Stroke(linewidth=2.4, foreground="white"), Normal()])


def write_note(figure: Figure, note: str) -> None:
    """Write lines of small text into the lower left corner."""
    width, height = figure.get_size_inches()
    figure.text(0.06 / width, 0.06 / height, note, fontsize=NOTE_SIZE, color=MUTED, va="bottom", linespacing=1.4)
