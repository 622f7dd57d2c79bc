"""The edges of a small network, drawn one by one, and the bands of its modules behind them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import MUTED, NEGATIVE, POSITIVE
from neural_sculpting.views.pictures.layered_layout import Matrix
from neural_sculpting.views.pictures.layers import LARGEST_HALO, REMOVED, Column, Weights
from neural_sculpting.views.pictures.module_styles import Styles

BEND = 0.45
CURVES_PER_PATH = 24  # renderers need seconds for a path of thousands of curves
MOST_CURVES_OF_HALOS = 500
COMFORTABLE_EDGES = 40
LARGEST_STROKE, SMALLEST_STROKE = 2.2, 0.35
LARGEST_OPACITY, SMALLEST_OPACITY = 0.9, 0.25
WIDEST, NARROWEST = 5.0, 0.6
"""The widths of the edges with the largest and the smallest weight, in pixels."""

LEGEND_SIZE = 13.0

Curves = dict[Any, list[str]]
"""SVG path data by module."""


def edge_elements(
    connections: Sequence[Matrix], columns: Sequence[Column], styles: Styles, weights: Sequence[Weights] | None = None
) -> list[str]:
    """Draw the edges in the color of the module they start in, paler between modules, on the bands of the modules.

    The more edges there are, the thinner and paler they get. With weights, edges have the color of their sign instead,
    and negative ones are dashed too; their widths are proportional to the size of the weight.
    """
    edges = sum(int(np.count_nonzero(matrix)) for matrix in connections)
    inside, between = _curves(connections, columns)
    if weights is not None:
        return [*_halos(inside, columns, styles), *_weighted(connections, columns, weights)]
    crowd = (COMFORTABLE_EDGES / max(edges, COMFORTABLE_EDGES)) ** 0.4
    width = max(LARGEST_STROKE * crowd, SMALLEST_STROKE)
    opacity = max(LARGEST_OPACITY * crowd**0.5, SMALLEST_OPACITY)
    look = f'class="edges" fill="none" stroke-width="{svg.precise(width)}"'
    return [
        *_halos(inside, columns, styles),
        *svg.group(f'{look} stroke-opacity="{svg.precise(0.6 * opacity)}"', _paths(between, styles)),
        *svg.group(f'{look} stroke-opacity="{svg.precise(opacity)}"', _paths(inside, styles)),
    ]


def _curves(connections: Sequence[Matrix], columns: Sequence[Column]) -> tuple[Curves, Curves]:
    """Return the curves of the edges inside of modules and between modules, by the module they start in."""
    inside: Curves = defaultdict(list)
    between: Curves = defaultdict(list)
    for matrix, left, right in zip(connections, columns[:-1], columns[1:], strict=True):
        used, using = left.layer.modules.tolist(), right.layer.modules.tolist()
        for source, target in np.argwhere(matrix).tolist():
            curves = inside if used[source] == using[target] else between
            curves[used[source]].append(_curve(left, right, source, target))
    return inside, between


def _curve(left: Column, right: Column, source: int, target: int) -> str:
    start = f"M{svg.number(left.x)} {svg.number(left.rows[source])}"
    return start + svg.curve(left.x, left.rows[source], right.x, right.rows[target], BEND)


def _weighted(connections: Sequence[Matrix], columns: Sequence[Column], weights: Sequence[Weights]) -> list[str]:
    """Draw the edges by the sign and the size of their weights, the largest on top."""
    edges = [
        (float(values[source, target]), _curve(left, right, source, target))
        for matrix, values, left, right in zip(connections, weights, columns[:-1], columns[1:], strict=True)
        for source, target in np.argwhere(matrix).tolist()
    ]
    largest = max((abs(weight) for weight, _ in edges), default=0.0) or 1.0
    paths = [
        f'<path {sign_look(weight)} stroke-width="{svg.precise(max(WIDEST * abs(weight) / largest, NARROWEST))}" '
        f'd="{curve}"/>'
        for weight, curve in sorted(edges, key=lambda edge: abs(edge[0]))
    ]
    return svg.group('class="edges" fill="none" stroke-opacity="0.9"', paths)


def sign_look(weight: float) -> str:
    """Return the SVG attributes of a line by the sign of a weight."""
    return f'stroke="{NEGATIVE}" stroke-dasharray="6 3"' if weight < 0 else f'stroke="{POSITIVE}"'


def weights_legend(x: float, y: float, weights: Sequence[Weights], *, is_large: bool) -> list[str]:
    """Explain the look of weights in a line of text with its baseline at y."""
    largest = max((float(np.abs(values).max(initial=0.0)) for values in weights), default=0.0)
    if is_large:
        words = ("more positive weights", "more negative weights", "paler: mixed; width: number of edges")
    else:
        words = ("positive weight", "negative weight", f"width: its size, up to {largest:.3g}")
    elements = []
    for sign, content in zip((1, -1, 0), words, strict=True):
        if sign:
            look = sign_look(sign).split(" stroke-dasharray")[0] if is_large else sign_look(sign)
            elements.append(f'<path {look} stroke-width="3" d="M{svg.number(x)} {svg.number(y - 4)}h26"/>')
            x += 32
        elements.append(svg.text(x, y, content, size=LEGEND_SIZE, color=MUTED))
        x += svg.text_width(content, LEGEND_SIZE) + 12
    return elements


def _halos(inside: Curves, columns: Sequence[Column], styles: Styles) -> list[str]:
    """Draw a soft band along the units and edges of each module, or none if they would hide more than they show."""
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


def _paths(curves: Curves, styles: Styles, curves_per_path: int = CURVES_PER_PATH) -> list[str]:
    return [
        f'<path stroke="{style.color}" d="{"".join(curves[module][first : first + curves_per_path])}"/>'
        for module, style in styles.items()
        for first in range(0, len(curves.get(module, ())), curves_per_path)
    ]
