"""The picture of a small network: layers from left to right, every kept unit in the color of its module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.edges import edge_elements
from neural_sculpting.views.pictures.layered_layout import UNGROUPED, arranged, order_layers, place_layers
from neural_sculpting.views.pictures.layers import (
    CAPTION_HEIGHT,
    LABEL_SIZE,
    LARGEST_HALO,
    REMOVED,
    WIDEST_LAYER_WITH_REMOVED_UNITS,
    Column,
    Layer,
    layer_captions,
)
from neural_sculpting.views.pictures.module_styles import ModuleStyle

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

SMALLEST_HEIGHT, LARGEST_HEIGHT = 300.0, 900.0
HEIGHT_PER_LABEL, HEIGHT_PER_UNIT = 15.0, 8.0
SMALLEST_WIDTH, WIDTH_PER_LAYER = 300.0, 92.0
LABEL_MARGIN = 52.0


class SmallNetwork:
    """A network with few units, ready to be drawn into a frame.

    Attributes:
        smallest_width: the width at which the captions of the layers do not touch, in pixels.
        smallest_height: the height at which units and their names can be told apart, in pixels.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        hierarchy: Hierarchy,
        styles: Mapping[Any, ModuleStyle],
        labels: Labels = NUMBERED,
    ) -> None:
        self.styles = styles
        self.sizes = [len(of) for of in hierarchy.kept]
        self.kept = [int(np.count_nonzero(of)) for of in hierarchy.kept]
        last = len(self.sizes) - 1
        shown = [_shown(of, is_input=layer == 0) for layer, of in enumerate(hierarchy.kept)]
        modules = [np.asarray(of)[units] for of, units in zip(hierarchy.modules, shown, strict=True)]
        connections = arranged([np.asarray(mask, dtype=bool) for mask in masks], shown)
        rank = {module: index for index, module in enumerate(styles)} | {REMOVED: UNGROUPED}
        groups = [np.array([rank[module] for module in of.tolist()], dtype=np.int64) for of in modules]
        orders = order_layers(connections, groups, in_index_order=(0, last))
        self.connections = arranged(connections, orders)
        named = {0: labels.inputs, last: labels.outputs}
        self.layers = [
            Layer(named.get(layer), self.sizes[layer], shown[layer][order], modules[layer][order])
            for layer, order in enumerate(orders)
        ]
        self.edges = sum(int(np.count_nonzero(matrix)) for matrix in self.connections)
        self.margins = [_room_for(self.layers[end].names) for end in (0, last)]
        self.smallest_width = max(WIDTH_PER_LAYER * last, SMALLEST_WIDTH) + sum(self.margins)
        named_units = max(sum(map(bool, self.layers[end].names)) for end in (0, last))
        needed = max(SMALLEST_HEIGHT, named_units * HEIGHT_PER_LABEL, max(self.kept) * HEIGHT_PER_UNIT)
        self.smallest_height = min(needed, LARGEST_HEIGHT) + CAPTION_HEIGHT

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw the network into the frame: halos of the modules, edges, layers, captions."""
        plot = svg.Frame(frame.x, frame.y, frame.width, frame.height - CAPTION_HEIGHT)
        columns = self._columns(plot)
        return [
            *edge_elements(self.connections, columns, self.styles),
            *(element for column in columns for element in column.elements(plot, self.styles)),
            *layer_captions([column.x for column in columns], plot.y + plot.height, self.kept, self.sizes),
        ]

    def _columns(self, plot: svg.Frame) -> list[Column]:
        """Place the units of every layer in a frame, which has a margin for names on either side."""
        left, right = self.margins
        xs = np.linspace(plot.x + left, plot.x + plot.width - right, len(self.layers)).tolist()
        pitches = [layer.pitch(plot.height) for layer in self.layers]
        rows = place_layers(
            self.connections,
            [layer.packed * pitch for layer, pitch in zip(self.layers, pitches, strict=True)],
            low=[plot.y + pitch / 2 for pitch in pitches],
            high=[plot.y + plot.height - pitch / 2 for pitch in pitches],
        )
        sides = [-1] + [1] * (len(xs) - 1)
        return [
            Column(layer, x, of.tolist(), pitch, side)
            for layer, x, of, pitch, side in zip(self.layers, xs, rows, pitches, sides, strict=True)
        ]


def _shown(kept: NDArray[np.bool_], *, is_input: bool) -> NDArray[np.int64]:
    """Return the units that are drawn with a row of their own: the kept ones, and removed inputs."""
    everything = is_input and len(kept) <= WIDEST_LAYER_WITH_REMOVED_UNITS
    return np.arange(len(kept)) if everything else np.flatnonzero(kept)


def _room_for(names: Sequence[str]) -> float:
    """Return the width of the margin beside the inputs or the outputs, in pixels."""
    longest = max((svg.text_width(name, LABEL_SIZE) for name in names), default=0.0)
    return max(LABEL_MARGIN, longest + LARGEST_HALO / 2 + 8)
