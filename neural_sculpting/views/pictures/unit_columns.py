"""One layer of a network as it is drawn: a column of units with its labels, its caption and hints at removed units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import Label
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.module_styles import ModuleStyle

REMOVED = -1
"""The module of a removed unit."""

WIDEST_LAYER_WITH_REMOVED_UNITS = 64
DISTANCE_BETWEEN_MODULES = 1.7
LARGEST_RADIUS, SMALLEST_RADIUS_WITH_LETTER = 11.0, 7.0
LARGEST_HALO = 36.0
LABEL_SIZE, SMALLEST_LABEL_SIZE = 14.0, 8.0
CAPTION_SIZE, CAPTION_HEIGHT = 13.0, 44.0


def layer_name(layer: int, last: int) -> str:
    """Names a layer of units: "inputs", "hidden 1", …, "outputs"; "hidden" where there is only one.

    Args:
        layer: Its number, from 0 for the inputs.
        last: The number of the outputs.
    """
    if layer in (0, last):
        return "inputs" if layer == 0 else "outputs"
    return f"hidden {layer}" if last > 2 else "hidden"


LONGEST_NAME = 14
"""Letters of a name beside its unit."""


@dataclass(frozen=True)
class Layer:
    """What there is to draw of one layer.

    Attributes:
        name: "inputs", "hidden 1", …
        label: How its units are named; None for hidden layers.
        size: All units of the layer, removed ones too.
        kept: The number of kept units.
        units: The numbers of the drawn units, from top to bottom.
        modules: The module of every drawn unit.
    """

    name: str
    label: Label | None
    size: int
    kept: int
    units: NDArray[np.int64]
    modules: NDArray[np.int64]

    @property
    def names(self) -> list[str]:
        """The names of the drawn units, cut where they are long; none in hidden layers."""
        named = [self.label([unit]) for unit in self.units.tolist()] if self.label else []
        return [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in named]

    @property
    def packed(self) -> NDArray[np.float64]:
        """The centers of the units as multiples of the pitch, from 0 on: modules stand apart."""
        changes = np.diff(self.modules, prepend=self.modules[:1]) != 0
        centers = np.cumsum(np.where(changes, DISTANCE_BETWEEN_MODULES, 1.0))
        return np.asarray(centers - centers[:1])

    def pitch(self, height: float) -> float:
        """The distance between two units of one module that fits the height."""
        return min(float(height / (self.packed[-1:].sum() + 1)), height / 6)


@dataclass(frozen=True)
class Column:
    """Where a layer is drawn.

    Attributes:
        layer: What there is to draw.
        x: The center of the column.
        rows: The center of every unit.
        pitch: The smallest distance between two units.
    """

    layer: Layer
    x: float
    rows: Sequence[float]
    pitch: float

    @property
    def radius(self) -> float:
        """The radius of the units; neighbors never touch."""
        return min(0.36 * self.pitch, LARGEST_RADIUS)

    def elements(self, frame: svg.Frame, styles: Mapping[Any, ModuleStyle]) -> list[str]:
        """Draws the layer.

        Args:
            frame: What the units may fill; the caption goes below it.
            styles: The look of every module.

        Returns:
            The elements: removed units, units, letters, labels, caption.
        """
        x, radius = svg.number(self.x), self.radius
        removed = f'fill="{svg.BACKGROUND}" stroke="{svg.FAINT}" stroke-dasharray="2 2"'
        elements = self._dots(frame)
        elements += self._grouped(
            lambda module: removed if module == REMOVED else styles[module].shape,
            lambda _, y: f'<circle cx="{x}" cy="{svg.number(y)}" r="{svg.precise(radius)}"/>',
        )
        if radius >= SMALLEST_RADIUS_WITH_LETTER:
            font = f'font-size="{svg.number(radius)}" font-weight="600" text-anchor="middle"'
            elements += self._grouped(
                lambda module: f'fill="{styles[module].text_color}" {font}',
                lambda module, y: f'<text x="{x}" y="{svg.number(y + 0.36 * radius)}">{styles[module].letter}</text>',
                also_removed=False,
            )
        return [*elements, *self._labels(), *self._caption(frame.y + frame.height)]

    def _grouped(
        self, look: Callable[[Any], str], draw: Callable[[Any, float], str], also_removed: bool = True
    ) -> list[str]:
        """Draws something for every unit, with one group of shared attributes for each module."""
        units: dict[Any, list[str]] = defaultdict(list)
        for module, y in zip(self.layer.modules.tolist(), self.rows, strict=True):
            if also_removed or module != REMOVED:
                units[module].append(draw(module, y))
        return [element for module, of_module in units.items() for element in svg.group(look(module), of_module)]

    def _dots(self, frame: svg.Frame) -> list[str]:
        """Hints at removed units: faint dots, spread evenly over what the kept units leave free of the column."""
        count = self.layer.size - len(self.layer.units)
        if count == 0 or self.layer.size > WIDEST_LAYER_WITH_REMOVED_UNITS:
            return []
        beside = self.radius + 4
        starts = np.array([frame.y, *(y + beside for y in self.rows)])
        ends = np.array([*(y - beside for y in self.rows), frame.y + frame.height])
        filled = np.concatenate([[0.0], np.cumsum(np.maximum(ends - starts, 0.0))])
        along = (np.arange(count) + 0.5) / count * filled[-1]
        gap = np.searchsorted(filled[1:-1], along, side="right")
        places = (starts[gap] + along - filled[gap]).tolist()
        dots = "".join(f"M{svg.number(self.x)} {svg.number(y)}h0" for y in places)
        return [f'<path stroke="{svg.FAINT}" stroke-width="3" stroke-linecap="round" d="{dots}"/>']

    def _labels(self) -> list[str]:
        """Names inputs and outputs beside their units, removed ones faintly; nothing where names would touch."""
        size = min(LABEL_SIZE, self.pitch * 0.85)
        if self.layer.label is None or size < SMALLEST_LABEL_SIZE:
            return []
        side = -1 if self.layer.name == "inputs" else 1
        return [
            svg.text(
                self.x + side * (LARGEST_HALO / 2 + 5),
                y + size * 0.35,
                name,
                size=size,
                color=svg.FAINT if module == REMOVED else svg.INK,
                anchor="end" if side < 0 else "start",
            )
            for name, module, y in zip(self.layer.names, self.layer.modules.tolist(), self.rows, strict=True)
        ]

    def _caption(self, bottom: float) -> list[str]:
        kept = f"{self.layer.kept:,} of {self.layer.size:,}"
        return [
            svg.text(self.x, bottom + 24, self.layer.name, size=CAPTION_SIZE, anchor="middle", weight=600),
            svg.text(self.x, bottom + 41, kept, size=CAPTION_SIZE, color=svg.MUTED, anchor="middle"),
        ]
