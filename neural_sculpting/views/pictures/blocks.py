"""The blocks of a large network, one for each module in each layer, and the bundles of edges between them."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import Label
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import NEGATIVE, POSITIVE
from neural_sculpting.views.pictures.module_styles import OTHERS, ModuleStyle, Styles

DOTS_PER_ROW = 16
LARGEST_PITCH = 4.5
PADDING, HEADER = 9.0, 27.0
BLOCK_WIDTH = (DOTS_PER_ROW - 1) * LARGEST_PITCH + 2 * (PADDING + 2)
UNIT_RADIUS, BADGE_RADIUS = 12.0, 8.5
COUNT_SIZE, LABEL_SIZE, LONGEST_LABEL = 13.0, 14.0, 210.0

MOST_BUNDLES = 150
"""The most bundles that are drawn between two layers: the widest."""

BEND = 0.5
WIDEST, NARROWEST = 60.0, 0.5
OPACITY_INSIDE, OPACITY_BETWEEN = 0.5, 0.28

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """The units of one module in one layer, with a dot for each of them.

    Attributes:
        module: its name in the hierarchy; None for a block that small modules share.
        units: the indices of its units in the layer, ascending.
        named: names outputs beside the block; None for other units.
    """

    module: Any
    units: NDArray[np.int64]
    named: Label | None = None

    @property
    def rows(self) -> int:
        """The rows of dots; 0 for a single unit."""
        return math.ceil(len(self.units) / DOTS_PER_ROW) if len(self.units) > 1 else 0

    def height(self, pitch: float) -> float:
        """Height in pixels, with rows of dots `pitch` apart."""
        return HEADER + (self.rows - 1) * pitch + PADDING + 2 if self.rows else 2 * UNIT_RADIUS

    @property
    def width(self) -> float:
        """Width in pixels."""
        return BLOCK_WIDTH if self.rows else 2 * UNIT_RADIUS

    @property
    def label(self) -> str:
        """The names of outputs, shortened: "y0–y9"."""
        return self.named(self.units.tolist()) if self.named else ""

    def elements(self, x: float, y: float, pitch: float, style: ModuleStyle) -> list[str]:
        """Draw the block centered at (x, y), with the letter of its module, its number of units and its label."""
        left, baseline = x + self.width / 2 + 8, y + LABEL_SIZE * 0.35
        named = svg.text(left, baseline, self.label, size=LABEL_SIZE, within=LONGEST_LABEL)
        drawn = self._box(x, y, pitch, style) if self.rows else style.badge(x, y, UNIT_RADIUS)
        return [*drawn, *([named] if self.label else [])]

    def _box(self, x: float, y: float, pitch: float, style: ModuleStyle) -> list[str]:
        left, top = x - BLOCK_WIDTH / 2, y - self.height(pitch) / 2
        middle = top + 3 + BADGE_RADIUS + 2
        count = f"{len(self.units):,}"
        return [
            *svg.box(left, top, BLOCK_WIDTH, self.height(pitch), radius=9, color=style.color, stroke=1.2),
            *style.badge(left + 5 + BADGE_RADIUS, middle, BADGE_RADIUS),
            svg.text(left + 11 + 2 * BADGE_RADIUS, middle + COUNT_SIZE * 0.35, count, size=COUNT_SIZE, weight=600),
            self._dots(left + PADDING + 2, top + HEADER, pitch, style.color),
        ]

    def _dots(self, left: float, top: float, pitch: float, color: str) -> str:
        """Draw the rows of dots as dotted lines, which take a hundredth of the text of circles."""
        lengths = [DOTS_PER_ROW] * (len(self.units) // DOTS_PER_ROW) + [len(self.units) % DOTS_PER_ROW]
        lines = "".join(
            f"M{svg.number(left)} {svg.precise(top + row * pitch)}h{svg.precise((count - 1) * LARGEST_PITCH + 0.1)}"
            for row, count in enumerate(lengths)
            if count
        )
        look = f'stroke-width="{svg.precise(0.7 * pitch)}" stroke-linecap="round"'
        gap = svg.precise(LARGEST_PITCH - 0.05)
        return f'<path fill="none" stroke="{color}" {look} stroke-dasharray="0.05 {gap}" d="{lines}"/>'


def pitch_for(layers: Sequence[Sequence[Block]], gap: float, height: float) -> float:
    """Return the distance between dots, the same in all layers, at which the fullest layer fits if it can."""
    pitch = LARGEST_PITCH
    for blocks in layers:
        pitches = sum(max(block.rows - 1, 0) for block in blocks)
        others = sum(block.height(0.0) for block in blocks) + gap * (len(blocks) - 1)
        if pitches:
            pitch = min(pitch, (height - others) / pitches)
    return max(pitch, LARGEST_PITCH / 4)


@dataclass(frozen=True)
class Side:
    """The ends of bundles at one side of the blocks of a layer.

    Attributes:
        modules: the module of every block; None for a block that small modules share.
        xs: where bundles touch the block.
        ys: the center of every block, ascending.
        heights: how much of each block's height bundles may take.
    """

    modules: Sequence[Any]
    xs: Sequence[float]
    ys: Floats
    heights: Floats


def bundle_elements(counts: Counts, left: Side, right: Side, styles: Styles, signs: Floats | None = None) -> list[str]:
    """Draw the bundles between two layers in the color of the block they start at, paler between modules.

    Widths are proportional to `counts`, the edges `(left block, right block)`, and fit the blocks at both ends. With
    `signs`, from -1 for negative weights to 1, bundles have the color of their sign, paler where it is mixed.
    """
    scale = _scale(counts, left, right)
    widths = counts.astype(np.float64) * scale
    # At each block bundles are one above the other, in the order of their other ends.
    starts, ends = left.ys[:, None] + _centers(widths), right.ys + _centers(widths.T).T
    groups: dict[tuple[float, str], list[str]] = defaultdict(list)
    for source, target in np.argwhere(widest(counts, MOST_BUNDLES)).tolist():
        inside = left.modules[source] == right.modules[target] is not None
        x, y = left.xs[source], starts[source, target]
        path = f"M{svg.number(x)} {svg.number(y)}" + svg.curve(x, y, right.xs[target], ends[source, target], BEND)
        width = svg.precise(max(widths[source, target], NARROWEST))
        color = styles.get(left.modules[source], OTHERS).color
        opacity = OPACITY_INSIDE if inside else OPACITY_BETWEEN
        if signs is not None:
            sign = float(signs[source, target])
            color, opacity = NEGATIVE if sign < 0 else POSITIVE, round(0.1 + 0.6 * abs(sign), 1)
        groups[opacity, color].append(f'<path stroke-width="{width}" d="{path}"/>')
    return [
        element
        for (opacity, color), paths in sorted(groups.items())
        for element in svg.group(f'fill="none" stroke="{color}" stroke-opacity="{opacity}"', paths)
    ]


def widest(counts: Counts, most: int) -> NDArray[np.bool_]:
    """Select the pairs of blocks with the most edges; of equals the first, none without edges."""
    chosen = np.zeros(counts.size, dtype=bool)
    chosen[np.argsort(-counts, axis=None, kind="stable")[:most]] = True
    return chosen.reshape(counts.shape) & (counts > 0)


def _scale(counts: Counts, left: Side, right: Side) -> float:
    """Return the width per edge at which bundles fit the blocks."""
    totals = np.concatenate([counts.sum(axis=1), counts.sum(axis=0), [counts.max(initial=0)]])
    available = np.concatenate([left.heights, right.heights, [WIDEST]])
    used = totals > 0
    return float(np.min(available[used] / totals[used], initial=WIDEST))


def _centers(widths: Floats) -> Floats:
    """Return the centers of adjacent bands in each row, around the middle of the row."""
    return np.asarray(np.cumsum(widths, axis=1) - widths / 2 - widths.sum(axis=1, keepdims=True) / 2)
