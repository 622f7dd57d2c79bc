"""The picture of a small network: layers from left to right, every kept unit in the color of its module."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import Label, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.edges import edge_elements
from neural_sculpting.views.pictures.layered_layout import UNGROUPED, Matrix, arranged, order_layers, place_layers
from neural_sculpting.views.pictures.layers import (
    CAPTION_HEIGHT,
    LABEL_SIZE,
    LARGEST_HALO,
    LONGEST_NAME,
    REMOVED,
    WIDEST_LAYER_WITH_REMOVED_UNITS,
    Column,
    Layer,
    Network,
)

SMALLEST_HEIGHT, LARGEST_HEIGHT = 300.0, 900.0
HEIGHT_PER_LABEL, SMALLEST_HEIGHT_PER_LABEL, HEIGHT_PER_UNIT = 16.0, 12.0, 8.0
SMALLEST_WIDTH, WIDTH_PER_LAYER = 300.0, 92.0
LABEL_MARGIN = 52.0


class SmallNetwork(Network):
    """A network with few units, which are drawn one by one."""

    def _arrange(self, masks: Sequence[Matrix], hierarchy: Hierarchy, labels: Labels) -> None:
        last = len(self.sizes) - 1
        self.stages.show_one_of_each(hierarchy.modules)
        shown = [_shown(of, is_input=layer == 0) for layer, of in enumerate(hierarchy.kept)]
        modules = [np.asarray(of)[units] for of, units in zip(hierarchy.modules, shown, strict=True)]
        connections = arranged(masks, shown)
        rank = {module: index for index, module in enumerate(self.styles)} | {REMOVED: UNGROUPED}
        groups = [np.array([rank[module] for module in of.tolist()], dtype=np.int64) for of in modules]
        orders = order_layers(connections, groups, in_index_order=(0, last))
        self.connections = arranged(connections, orders)
        self.ordered_weights = arranged(arranged(self.weights, shown), orders) if self.weights else None
        named = {0: labels.inputs, last: labels.outputs}
        self.layers = [
            self._layer(layer, named.get(layer), shown[layer][order], modules[layer][order])
            for layer, order in enumerate(orders)
        ]
        self.margins = [_margin(self.layers[end].names) for end in (0, last)]
        self.smallest_width = max(WIDTH_PER_LAYER * last, SMALLEST_WIDTH) + sum(self.margins)
        ends = [self.layers[end] for end in (0, last) if any(self.layers[end].names)]
        rows = max((float(layer.packed[-1:].sum()) + 1 for layer in ends), default=0.0)
        needed = max(SMALLEST_HEIGHT, rows * HEIGHT_PER_LABEL, max(self.kept) * HEIGHT_PER_UNIT)
        highest = max(LARGEST_HEIGHT, rows * SMALLEST_HEIGHT_PER_LABEL)
        self.smallest_height = min(needed, highest) + CAPTION_HEIGHT

    def plot(self, frame: svg.Frame) -> svg.Frame:
        """Return the part of the frame between the names and above the captions."""
        left, right = (margin - LARGEST_HALO / 2 for margin in self.margins)
        return svg.Frame(frame.x + left, frame.y, frame.width - left - right, frame.height - CAPTION_HEIGHT)

    def _layer(self, layer: int, label: Label | None, units: NDArray[np.int64], modules: NDArray[np.int64]) -> Layer:
        others = int(np.count_nonzero(~self.stages.own[layer][units]))
        size = int(np.count_nonzero(self.stages.own[layer])) + others
        titles = [self.stages.title(layer, unit) for unit in units.tolist()]
        return Layer(label, size, units, modules, titles, self.stages.passing[layer][units])

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw halos of the modules, edges, layers and captions into the frame."""
        plot = svg.Frame(frame.x, frame.y, frame.width, frame.height - CAPTION_HEIGHT)
        columns = self._columns(plot)
        return [
            *edge_elements(self.connections, columns, self.styles, self.ordered_weights),
            *(element for column in columns for element in column.elements(plot, self.styles)),
            *self.captions([column.x for column in columns], plot.y + plot.height),
        ]

    def _columns(self, plot: svg.Frame) -> list[Column]:
        """Place the units of every layer, with a margin for names on either side."""
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
    """Return the units that get a row: the kept ones, and the removed inputs."""
    everything = is_input and len(kept) <= WIDEST_LAYER_WITH_REMOVED_UNITS
    return np.arange(len(kept)) if everything else np.flatnonzero(kept)


def _margin(names: Sequence[str]) -> float:
    """Return the width of the names of inputs or outputs beside the network, in pixels."""
    longest = max((svg.text_width(name, LABEL_SIZE) for name in names), default=0.0)
    return max(LABEL_MARGIN, min(longest, LONGEST_NAME) + LARGEST_HALO / 2 + 8)
