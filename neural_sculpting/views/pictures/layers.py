"""The layers of a network as they are drawn: columns of units with their names, removed units, captions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.scoring.labels import NUMBERED, Label, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import FAINT, INK, MUTED, PAPER
from neural_sculpting.views.pictures.layered_layout import Matrix, arranged
from neural_sculpting.views.pictures.module_styles import Styles
from neural_sculpting.views.pictures.stages import Stages

Weights = NDArray[np.floating]
"""`(fan_in, fan_out)`, zero where there is no edge."""

REMOVED = -1
"""The module of a removed unit."""

WIDEST_LAYER_WITH_REMOVED_UNITS = 64
DISTANCE_BETWEEN_MODULES, DISTANCE_BETWEEN_LINES = 1.7, 0.6
LARGEST_RADIUS, SMALLEST_RADIUS_WITH_LETTER = 11.0, 7.5
LARGEST_HALO = 36.0
LABEL_SIZE = 14.0
LONGEST_NAME = 180.0
"""The width of a name beside its unit, in pixels."""

CAPTION_SIZE, CAPTION_HEIGHT = 13.0, 44.0
FIRST_CAPTION, SECOND_CAPTION = 24.0, 41.0
"""The baselines of the two lines of a caption, below the layers."""


class Network(ABC):
    """A network, ready to be drawn into a frame.

    Attributes:
        sizes: all units of each layer.
        kept: the kept units of each layer.
        edges: between kept units.
        smallest_width: the width at which everything has room, in pixels.
        smallest_height: likewise.
    """

    smallest_width: float
    smallest_height: float

    def __init__(
        self,
        masks: Sequence[Matrix],
        hierarchy: Hierarchy,
        styles: Styles,
        labels: Labels = NUMBERED,
        weights: Sequence[Weights] | None = None,
        architecture: Architecture | None = None,
    ) -> None:
        self.styles, self.weights = styles, weights
        self.stages = Stages(masks, hierarchy.kept, architecture)
        self.sizes = [len(of) for of in hierarchy.kept]
        self.kept = [int(np.count_nonzero(of)) for of in hierarchy.kept]
        self.edges = sum(int(np.count_nonzero(matrix)) for matrix in arranged(masks, hierarchy.kept))
        self._arrange(masks, hierarchy, labels)

    @abstractmethod
    def _arrange(self, masks: Sequence[Matrix], hierarchy: Hierarchy, labels: Labels) -> None: ...

    @abstractmethod
    def plot(self, frame: svg.Frame) -> svg.Frame:
        """Return the part of the frame that shows units and edges, without the text around them."""

    @abstractmethod
    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw the network into the frame."""

    def captions(self, xs: Sequence[float], bottom: float) -> list[str]:
        """Name the layers from inputs to outputs below the picture, and count their kept units."""
        first, second = svg.number(bottom + FIRST_CAPTION), svg.number(bottom + SECOND_CAPTION)
        captions = zip(map(svg.number, xs), self.stages.names, self.stages.counts, strict=True)
        return svg.group(
            f'class="captions" text-anchor="middle" font-size="{svg.number(CAPTION_SIZE)}"',
            [
                f'<text x="{x}" y="{first}" fill="{INK}" font-weight="600">{name}</text>'
                f'<text x="{x}" y="{second}" fill="{MUTED}">{kept:,} of {size:,}</text>'
                for x, name, (kept, size) in captions
            ],
        )


@dataclass(frozen=True)
class Layer:
    """One layer of a small network.

    Attributes:
        label: names its units; None for hidden layers.
        size: all units of the layer, including removed ones.
        units: the indices of the drawn units, from top to bottom.
        modules: the module of every drawn unit.
        titles: shown where the pointer rests on a drawn unit; empty for one without.
        passing: whether each drawn unit is a channel that only passes by, a line without a circle.
    """

    label: Label | None
    size: int
    units: NDArray[np.int64]
    modules: NDArray[np.int64]
    titles: Sequence[str]
    passing: NDArray[np.bool_]

    @cached_property
    def names(self) -> list[str]:
        """The names of the drawn units; none in hidden layers."""
        return [self.label([unit]) for unit in self.units.tolist()] if self.label else []

    @property
    def packed(self) -> NDArray[np.float64]:
        """The centers of the units as multiples of the pitch, from 0, with extra space between modules."""
        changes = np.diff(self.modules, prepend=self.modules[:1]) != 0
        near = np.where(self.passing & np.roll(self.passing, 1), DISTANCE_BETWEEN_LINES, 1.0)
        centers = np.cumsum(np.where(changes, DISTANCE_BETWEEN_MODULES, near))
        return np.asarray(centers - centers[:1])

    def pitch(self, height: float) -> float:
        """Return the largest distance between units of one module at which the layer fits the height."""
        return min(float(height / (self.packed[-1:].sum() + 1)), height / 6)


@dataclass(frozen=True)
class Column:
    """A layer with the centers of its units at `x` and `rows`, at least `pitch` apart.

    Names go to the left of the units (`side` -1) or to the right (1).
    """

    layer: Layer
    x: float
    rows: Sequence[float]
    pitch: float
    side: int

    @property
    def radius(self) -> float:
        """The radius of the units; neighbors never touch."""
        return min(0.36 * self.pitch, LARGEST_RADIUS)

    def elements(self, frame: svg.Frame, styles: Styles) -> list[str]:
        """Draw the layer into the frame: removed units, units with their letters, names."""
        removed = f'fill="{PAPER}" stroke="{FAINT}" stroke-dasharray="2 2"'
        units: list[str] = []
        for unit, (module, y) in enumerate(zip(self.layer.modules.tolist(), self.rows, strict=True)):
            if self.layer.passing[unit]:
                continue
            if module != REMOVED and self.radius >= SMALLEST_RADIUS_WITH_LETTER:
                drawn = styles[module].badge(self.x, y, self.radius)
            else:
                look = removed if module == REMOVED else styles[module].shape
                drawn = [svg.circle(self.x, y, self.radius, look)]
            title = self.layer.titles[unit]
            units += ["<g>", svg.tooltip(title), *drawn, "</g>"] if title else drawn
        return [*self._dots(frame), *units, *self._names()]

    def _dots(self, frame: svg.Frame) -> list[str]:
        """Draw removed units as faint dots, spread evenly over the free space of the column."""
        count = self.layer.size - len(self.layer.units)
        if count == 0 or self.layer.size > WIDEST_LAYER_WITH_REMOVED_UNITS:
            return []
        beside = self.radius + 4
        starts = np.array([frame.y, *(y + beside for y in self.rows)])
        ends = np.array([*(y - beside for y in self.rows), frame.y + frame.height])
        filled = np.concatenate([[0.0], np.cumsum(np.maximum(ends - starts, 0.0))])
        along = (np.arange(count) + 0.5) / count * filled[-1]
        gap = np.searchsorted(filled[1:-1], along, side="right")
        heights = (starts[gap] + along - filled[gap]).tolist()
        # Equal steps are equal text, which a page compresses.
        steps = "".join(f"m0 {svg.precise(below - y)}h0" for y, below in pairwise(heights))
        dots = f"M{svg.number(self.x)} {svg.number(heights[0])}h0{steps}"
        return [f'<path class="removed" stroke="{FAINT}" stroke-width="3" stroke-linecap="round" d="{dots}"/>']

    def _names(self) -> list[str]:
        """Name inputs and outputs beside their units, removed ones faintly; none if names would touch."""
        size = min(LABEL_SIZE, self.pitch * 0.85)
        if size < svg.SMALLEST_TEXT or not any(self.layer.names):
            return []
        return [
            svg.text(
                self.x + self.side * (LARGEST_HALO / 2 + 5),
                y + size * 0.35,
                name,
                size=size,
                color=FAINT if module == REMOVED else INK,
                anchor="end" if self.side < 0 else "start",
                within=LONGEST_NAME,
            )
            for name, module, y in zip(self.layer.names, self.layer.modules.tolist(), self.rows, strict=True)
        ]
