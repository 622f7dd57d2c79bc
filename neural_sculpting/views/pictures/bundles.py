"""The edges between the blocks of a large network: a bundle for each pair of blocks, as wide as it has edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.module_styles import OTHERS, ModuleStyle

MOST_BUNDLES = 150
"""How many bundles between two layers are drawn: the widest."""

BEND = 0.5
WIDEST, NARROWEST = 60.0, 0.5
OPACITY_INSIDE, OPACITY_BETWEEN = 0.5, 0.28

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """The sides of the blocks of one layer at which bundles start, or those at which they end.

    Attributes:
        modules: the module of every block, None where it is several small ones.
        xs: where bundles touch the block.
        ys: the center of every block, ascending.
        heights: how much of each block's height bundles may take.
    """

    modules: Sequence[Any]
    xs: Sequence[float]
    ys: Floats
    heights: Floats


def bundle_elements(counts: Counts, left: Side, right: Side, styles: Mapping[Any, ModuleStyle]) -> list[str]:
    """Draw the bundles between two layers in the color of the block they start at, paler between modules.

    Widths are proportional to `counts`, the edges `(left block, right block)`, on a scale at which they fit the blocks
    at both ends.
    """
    scale = _scale(counts, left, right)
    widths = counts.astype(np.float64) * scale
    # At each block bundles lie one above the other, in the order of their other ends.
    starts, ends = left.ys[:, None] + _centers(widths), right.ys + _centers(widths.T).T
    groups: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for source, target in np.argwhere(widest(counts, MOST_BUNDLES)).tolist():
        inside = left.modules[source] == right.modules[target] is not None
        x, y = left.xs[source], starts[source, target]
        path = f"M{svg.number(x)} {svg.number(y)}" + svg.curve(x, y, right.xs[target], ends[source, target], BEND)
        width = svg.precise(max(widths[source, target], NARROWEST))
        color = styles.get(left.modules[source], OTHERS).color
        groups[inside, color].append(f'<path stroke-width="{width}" d="{path}"/>')
    opacity = {True: OPACITY_INSIDE, False: OPACITY_BETWEEN}
    return [
        element
        for (inside, color), paths in sorted(groups.items())
        for element in svg.group(f'fill="none" stroke="{color}" stroke-opacity="{opacity[inside]}"', paths)
    ]


def widest(counts: Counts, most: int) -> NDArray[np.bool_]:
    """Choose the pairs of blocks with the most edges, of equals the first, none without edges."""
    chosen = np.zeros(counts.size, dtype=bool)
    chosen[np.argsort(-counts, axis=None, kind="stable")[:most]] = True
    return chosen.reshape(counts.shape) & (counts > 0)


def _scale(counts: Counts, left: Side, right: Side) -> float:
    """Return the width of one edge at which bundles fit the blocks."""
    totals = np.concatenate([counts.sum(axis=1), counts.sum(axis=0), [counts.max(initial=0)]])
    rooms = np.concatenate([left.heights, right.heights, [WIDEST]])
    used = totals > 0
    return float(np.min(rooms[used] / totals[used], initial=WIDEST))


def _centers(widths: Floats) -> Floats:
    """Return the centers of bands that lie side by side in each row, around the middle of the row."""
    return np.asarray(np.cumsum(widths, axis=1) - widths / 2 - widths.sum(axis=1, keepdims=True) / 2)
