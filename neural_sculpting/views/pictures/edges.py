"""The edges of a network as curves in the colors of its modules, on soft bands that hold each module together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.layers import LARGEST_HALO, REMOVED, Column
from neural_sculpting.views.pictures.module_styles import ModuleStyle

BEND = 0.45
CURVES_PER_PATH = 24  # renderers need seconds for a path of thousands of curves
MOST_CURVES_OF_HALOS = 500
COMFORTABLE_EDGES = 40
LARGEST_STROKE, SMALLEST_STROKE = 2.2, 0.35
LARGEST_OPACITY, SMALLEST_OPACITY = 0.9, 0.25

Curves = dict[Any, list[str]]
"""SVG path data by module."""


def edge_elements(
    connections: Sequence[NDArray[np.bool_]], columns: Sequence[Column], styles: Mapping[Any, ModuleStyle]
) -> list[str]:
    """Draw the edges in the color of the module they start in, paler where they lead to another module.

    The more edges there are, the thinner and paler they get. Bands are left out where they would hide more than
    they show. For each pair of layers there is one boolean array `(units of layer l, units of layer l + 1)`.
    """
    edges = sum(int(np.count_nonzero(matrix)) for matrix in connections)
    inside, between = _curves(connections, columns)
    crowd = (COMFORTABLE_EDGES / max(edges, COMFORTABLE_EDGES)) ** 0.4
    width = max(LARGEST_STROKE * crowd, SMALLEST_STROKE)
    opacity = max(LARGEST_OPACITY * crowd**0.5, SMALLEST_OPACITY)
    look = f'class="edges" fill="none" stroke-width="{svg.precise(width)}"'
    return [
        *_halos(inside, columns, styles),
        *svg.group(f'{look} stroke-opacity="{svg.precise(0.6 * opacity)}"', _paths(between, styles)),
        *svg.group(f'{look} stroke-opacity="{svg.precise(opacity)}"', _paths(inside, styles)),
    ]


def _curves(connections: Sequence[NDArray[np.bool_]], columns: Sequence[Column]) -> tuple[Curves, Curves]:
    """Return the curves of the edges by the module they start in: inside of modules, and between them."""
    inside: Curves = defaultdict(list)
    between: Curves = defaultdict(list)
    for matrix, left, right in zip(connections, columns[:-1], columns[1:], strict=True):
        used, using = left.layer.modules.tolist(), right.layer.modules.tolist()
        for source, target in np.argwhere(matrix).tolist():
            curves = inside if used[source] == using[target] else between
            start = f"M{svg.number(left.x)} {svg.number(left.rows[source])}"
            curve = svg.curve(left.x, left.rows[source], right.x, right.rows[target], BEND)
            curves[used[source]].append(start + curve)
    return inside, between


def _halos(inside: Curves, columns: Sequence[Column], styles: Mapping[Any, ModuleStyle]) -> list[str]:
    """Draw a soft band along the units and edges of each module."""
    bands: Curves = defaultdict(list, {module: list(curves) for module, curves in inside.items()})
    for column in columns:
        for module, y in zip(column.layer.modules.tolist(), column.rows, strict=True):
            if module != REMOVED:
                bands[module].append(f"M{svg.number(column.x)} {svg.number(y)}h0")
    if sum(map(len, bands.values())) > MOST_CURVES_OF_HALOS:
        return []
    width = svg.number(min(1.3 * min(column.pitch for column in columns), LARGEST_HALO))
    look = f'stroke-width="{width}" stroke-opacity="0.1" stroke-linecap="round" stroke-linejoin="round"'
    # One path for each module: where a band meets itself it does not get darker.
    return svg.group(f'fill="none" {look}', _paths(bands, styles, MOST_CURVES_OF_HALOS))


def _paths(curves: Curves, styles: Mapping[Any, ModuleStyle], curves_per_path: int = CURVES_PER_PATH) -> list[str]:
    return [
        f'<path stroke="{style.color}" d="{"".join(curves[module][first : first + curves_per_path])}"/>'
        for module, style in styles.items()
        for first in range(0, len(curves.get(module, ())), curves_per_path)
    ]
