"""The units that a module has in one layer of a large network, as one block with a dot for each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import Label
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.module_styles import ModuleStyle

DOTS_PER_ROW = 16
LARGEST_PITCH = 4.5
PADDING, HEADER = 9.0, 27.0
BLOCK_WIDTH = (DOTS_PER_ROW - 1) * LARGEST_PITCH + 2 * (PADDING + 2)
UNIT_RADIUS, BADGE_RADIUS = 12.0, 8.5
COUNT_SIZE, LABEL_SIZE = 13.0, 14.0


@dataclass(frozen=True)
class Block:
    """What there is to draw of one module in one layer.

    Attributes:
        module: its name in the hierarchy; None for all modules that are too small for a block of their own.
        units: the indices of its units in the layer, ascending.
        named: how outputs are named, beside the block; None for other units.
    """

    module: Any
    units: NDArray[np.int64]
    named: Label | None = None

    @property
    def rows(self) -> int:
        """The rows of dots; none for a unit that stands alone."""
        return math.ceil(len(self.units) / DOTS_PER_ROW) if len(self.units) > 1 else 0

    def height(self, pitch: float) -> float:
        """Height in pixels if dots are this far apart."""
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
        """Draw the block around x and y, with the letter of its module, its number of units and its label."""
        named = svg.text(x + self.width / 2 + 8, y + LABEL_SIZE * 0.35, self.label, size=LABEL_SIZE)
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
        """Draw the rows of dots as dotted lines, which takes a hundredth of the text that circles would."""
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
    """Find the distance between dots, the same for all layers, at which the fullest layer fits as far as it can."""
    pitch = LARGEST_PITCH
    for blocks in layers:
        pitches = sum(max(block.rows - 1, 0) for block in blocks)
        others = sum(block.height(0.0) for block in blocks) + gap * (len(blocks) - 1)
        if pitches:
            pitch = min(pitch, (height - others) / pitches)
    return max(pitch, LARGEST_PITCH / 4)
