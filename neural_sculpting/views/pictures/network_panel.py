"""The part of a figure that shows the network: unit by unit or in blocks, and its inputs as pixels where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.large_network import NetworkOverview, principal_modules
from neural_sculpting.views.pictures.module_styles import ModuleStyle
from neural_sculpting.views.pictures.pixel_map import PixelMap
from neural_sculpting.views.pictures.small_network import NetworkPicture

if TYPE_CHECKING:
    from neural_sculpting.analysis import Hierarchy

MOST_UNITS_ONE_BY_ONE = 64
"""The most live units of a layer that are drawn one by one: more are smaller than a letter and hidden by edges."""

ABOVE_PIXELS = 26.0


def is_large(hierarchy: Hierarchy) -> bool:
    """Whether a layer has more live units than can be drawn one by one."""
    return max(int(np.count_nonzero(kept)) for kept in hierarchy.kept) > MOST_UNITS_ONE_BY_ONE


def shown_graph(hierarchy: Hierarchy) -> nx.DiGraph:
    """Returns the modules that have a look of their own: all in a small network, in a large one not the smallest."""
    return principal_modules(hierarchy.graph) if is_large(hierarchy) else hierarchy.graph


class NetworkPanel:
    """One network, small or large, ready to be drawn into a frame.

    Args:
        masks: One boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: The kept units and their modules.
        styles: The look of every module of `shown_graph`.
        image_shape: Height and width in pixels of the images that the inputs are, one after the other; None where
            inputs are no pixels.
        labels: How inputs and outputs are named.

    Raises:
        ValueError: The inputs are not those of whole images.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        hierarchy: Hierarchy,
        styles: Mapping[Any, ModuleStyle],
        image_shape: tuple[int, int] | None = None,
        labels: Labels = NUMBERED,
    ) -> None:
        picture = NetworkOverview if is_large(hierarchy) else NetworkPicture
        self.labels = labels
        self.network: NetworkOverview | NetworkPicture = picture(masks, hierarchy, styles, labels)
        self.pixels = PixelMap(hierarchy, image_shape, styles) if image_shape else None

    @property
    def labels_beside(self) -> Labels:
        """How inputs and outputs are named beside the network: pixels are counted."""
        return replace(self.labels, inputs=self.pixels.label) if self.pixels else self.labels

    @property
    def smallest_height(self) -> float:
        """The height that everything needs, in pixels."""
        return self.network.smallest_height + self._pixels_height

    @property
    def smallest_width(self) -> float:
        """The width that everything needs, in pixels."""
        return max(self.network.smallest_width, self.pixels.width if self.pixels else 0.0)

    @property
    def edges_in_words(self) -> str:
        """How many edges there are of those that there could be."""
        return f"{self.network.edges:,} of {self.network.possible_edges:,} edges"

    @property
    def description(self) -> str:
        """The picture in words."""
        return " ".join([self.network.description, *([self.pixels.description] if self.pixels else [])])

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draws the network into the frame, and below it the pixels."""
        height = frame.height - self._pixels_height
        drawn = self.network.elements(svg.Frame(frame.x, frame.y, frame.width, height))
        return drawn + (self.pixels.elements(frame.x, frame.y + height + ABOVE_PIXELS) if self.pixels else [])

    @property
    def _pixels_height(self) -> float:
        return ABOVE_PIXELS + self.pixels.height if self.pixels else 0.0
