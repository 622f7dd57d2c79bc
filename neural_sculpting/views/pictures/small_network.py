"""The picture of one sculpted network: layers from left to right, every kept unit in the color of its module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.layered_layout import UNGROUPED, arranged, order_layers, place_layers
from neural_sculpting.views.pictures.module_styles import ModuleStyle
from neural_sculpting.views.pictures.unit_columns import (
    CAPTION_HEIGHT,
    LABEL_SIZE,
    LARGEST_HALO,
    REMOVED,
    WIDEST_LAYER_WITH_REMOVED_UNITS,
    Column,
    Layer,
    layer_name,
)
from neural_sculpting.views.pictures.unit_edges import edge_elements

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

SMALLEST_HEIGHT, LARGEST_HEIGHT = 380.0, 900.0
HEIGHT_PER_LABEL, HEIGHT_PER_UNIT = 15.0, 5.0
SMALLEST_WIDTH, WIDTH_PER_LAYER = 300.0, 92.0
LABEL_MARGIN = 52.0


class NetworkPicture:
    """One network with its modules, ready to be drawn into a frame.

    Args:
        masks: One boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: The kept units and their modules.
        styles: The look of every module.
        labels: How inputs and outputs are named.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        hierarchy: Hierarchy,
        styles: Mapping[Any, ModuleStyle],
        labels: Labels = NUMBERED,
    ) -> None:
        self.styles = styles
        kept = hierarchy.kept
        shown = [_shown(of_layer, is_input=layer == 0) for layer, of_layer in enumerate(kept)]
        modules = [np.asarray(of)[units] for of, units in zip(hierarchy.modules, shown, strict=True)]
        connections = [
            np.asarray(mask, dtype=bool)[np.ix_(shown[layer], shown[layer + 1])] for layer, mask in enumerate(masks)
        ]
        rank = {module: place for place, module in enumerate(styles)} | {REMOVED: UNGROUPED}
        groups = [np.array([rank[module] for module in of.tolist()], dtype=np.int64) for of in modules]
        last = len(kept) - 1
        orders = order_layers(connections, groups, in_index_order=(0, last))
        self.connections = arranged(connections, orders)
        self.layers = [
            Layer(
                name=layer_name(layer, last),
                label={0: labels.inputs, last: labels.outputs}.get(layer),
                size=len(kept[layer]),
                kept=int(np.count_nonzero(kept[layer])),
                units=shown[layer][order],
                modules=modules[layer][order],
            )
            for layer, order in enumerate(orders)
        ]
        self.edges = sum(int(np.count_nonzero(matrix)) for matrix in self.connections)
        self.possible_edges = sum(mask.size for mask in masks)

    @property
    def smallest_height(self) -> float:
        """The height at which units and their labels can be told apart, in pixels."""
        labels = max(len(self.layers[0].units), len(self.layers[-1].units)) * HEIGHT_PER_LABEL
        units = max(layer.kept for layer in self.layers) * HEIGHT_PER_UNIT
        return min(max(SMALLEST_HEIGHT, labels, units), LARGEST_HEIGHT) + CAPTION_HEIGHT

    @property
    def smallest_width(self) -> float:
        """The width at which the captions of the layers do not touch, in pixels."""
        return max(WIDTH_PER_LAYER * (len(self.layers) - 1), SMALLEST_WIDTH) + sum(self._margins)

    @property
    def _margins(self) -> list[float]:
        """The room for the names of inputs and outputs, in pixels."""
        longest = [max((svg.text_width(name, LABEL_SIZE) for name in layer.names), default=0.0) for layer in self._ends]
        return [max(LABEL_MARGIN, text + LARGEST_HALO / 2 + 8) for text in longest]

    @property
    def _ends(self) -> tuple[Layer, Layer]:
        return self.layers[0], self.layers[-1]

    @property
    def description(self) -> str:
        """The picture in words."""
        sizes = "-".join(str(layer.size) for layer in self.layers)
        return f"Network {sizes} with {self.edges:,} of {self.possible_edges:,} edges."

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draws the network into the frame: halos of the modules, edges, layers."""
        plot = svg.Frame(frame.x, frame.y, frame.width, frame.height - CAPTION_HEIGHT)
        columns = self.columns(plot)
        return [
            *edge_elements(self.connections, columns, self.styles),
            *(element for column in columns for element in column.elements(plot, self.styles)),
        ]

    def columns(self, plot: svg.Frame) -> list[Column]:
        """Places the units of every layer in a frame, which has a margin for labels on either side."""
        left, right = self._margins
        xs = np.linspace(plot.x + left, plot.x + plot.width - right, len(self.layers)).tolist()
        pitches = [layer.pitch(plot.height) for layer in self.layers]
        places = place_layers(
            self.connections,
            [layer.packed * pitch for layer, pitch in zip(self.layers, pitches, strict=True)],
            low=[plot.y + pitch / 2 for pitch in pitches],
            high=[plot.y + plot.height - pitch / 2 for pitch in pitches],
        )
        return [
            Column(layer, x, rows.tolist(), pitch)
            for layer, x, rows, pitch in zip(self.layers, xs, places, pitches, strict=True)
        ]


def _shown(kept: NDArray[np.bool_], *, is_input: bool) -> NDArray[np.int64]:
    """Returns the units that are drawn with a place of their own: the kept ones, and removed inputs."""
    everything = is_input and len(kept) <= WIDEST_LAYER_WITH_REMOVED_UNITS
    return np.arange(len(kept)) if everything else np.flatnonzero(kept)
