"""Pictures of sculpted networks and their hierarchies, as complete SVG documents.

Each takes a few milliseconds and depends only on its arguments.
"""

from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.networks.architecture import Architecture, Pattern
from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import LINE, MUTED
from neural_sculpting.views.pictures.edges import weights_legend
from neural_sculpting.views.pictures.hierarchy_picture import LARGEST_SCALE, HierarchyPicture
from neural_sculpting.views.pictures.large_network import LargeNetwork
from neural_sculpting.views.pictures.layers import CAPTION_HEIGHT, Network, Weights
from neural_sculpting.views.pictures.module_styles import MOST_MODULES, module_styles
from neural_sculpting.views.pictures.pattern_map import PatternMap
from neural_sculpting.views.pictures.pixel_map import PixelMap
from neural_sculpting.views.pictures.small_network import SmallNetwork

MOST_UNITS_ONE_BY_ONE = 64
"""The most live units of a layer that are drawn one by one: more would be smaller than a letter, hidden by edges."""

ABOVE_PIXELS = 26.0
WIDTH, SMALL_NETWORK_HEIGHT = 960.0, 424.0
SMALLEST_HIERARCHY_WIDTH, SMALLEST_HIERARCHY_HEIGHT = 240.0, 120.0
MARGIN = 28.0
TITLE_SIZE, SUBTITLE_SIZE, HEADING_SIZE, LEGEND_HEIGHT = 22.0, 14.0, 13.0, 28.0


class NetworkPicture:
    """A network of any size, with a map of its inputs if these are pixels, ready to be drawn into a frame.

    Kept units have the colors of their modules; removed units are faint dots, removed inputs faint circles. Edges
    between modules are paler than those inside. If a layer has more live units than can be told apart, each module
    has one block per layer instead, with a dot for each unit, and all edges between two blocks are one bundle.

    Args:
        masks: one boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: the kept units and their modules.
        image_shape: height and width of an image if the inputs are the pixels of images, one image after the other,
            each row by row.
        labels: how inputs and outputs are named.
        weights: of each edge, in the shapes of the masks: edges then show their signs and sizes.
        architecture: names stages and units; without one they are layers of a perceptron.
        patterns: of its units, drawn below the network.

    Raises:
        ValueError: if the inputs are not whole images.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        hierarchy: Hierarchy,
        image_shape: tuple[int, int] | None = None,
        labels: Labels = NUMBERED,
        weights: Sequence[Weights] | None = None,
        architecture: Architecture | None = None,
        patterns: Sequence[Pattern] = (),
    ) -> None:
        self.is_large = max(int(np.count_nonzero(kept)) for kept in hierarchy.kept) > MOST_UNITS_ONE_BY_ONE
        self.styles = module_styles(hierarchy.graph, MOST_MODULES if self.is_large else None)
        kind = LargeNetwork if self.is_large else SmallNetwork
        # The map shows where pixels are.
        named = replace(labels, inputs=lambda _: "") if image_shape else labels
        self.network: Network = kind(masks, hierarchy, self.styles, named, weights, architecture)
        self.pixels = PixelMap(hierarchy, image_shape, self.styles) if image_shape else None
        self.labels_in_hierarchy = replace(labels, inputs=self.pixels.label) if self.pixels else labels
        most = "" if architecture and architecture.nodes else f" of {sum(mask.size for mask in masks):,}"
        self.edges_in_words = f"{self.network.edges:,}{most} edges"
        self.patterns = PatternMap(patterns, hierarchy, self.styles)
        self.smallest_width = max(self.network.smallest_width, self.pixels.width if self.pixels else 0.0)
        self.smallest_width = max(self.smallest_width, self.patterns.width)

    @property
    def smallest_height(self) -> float:
        """The height at which everything has room at the smallest width, in pixels."""
        return self.height_at(self.smallest_width)

    def height_at(self, width: float) -> float:
        """The height at which everything has room at some width, in pixels."""
        return self.network.smallest_height + self._below(width)

    def _below(self, width: float) -> float:
        return (ABOVE_PIXELS + self.pixels.height if self.pixels else 0.0) + self.patterns.height(width)

    @property
    def description(self) -> str:
        """The picture in words."""
        blocks = ", its units in blocks by module" if self.is_large else ""
        network = f"Network {'-'.join(map(str, self.network.sizes))} with {self.edges_in_words}{blocks}."
        below = self.pixels.description if self.pixels else self.patterns.description
        return f"{network} {below}".strip()

    def plot(self, frame: svg.Frame) -> svg.Frame:
        """Return the part of the frame that shows units, edges and pixels, without the text around them."""
        plot = self.network.plot(replace(frame, height=frame.height - self._below(frame.width)))
        return frame if self.pixels else plot

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw the network into the frame, with pixels and patterns below."""
        height = frame.height - self._below(frame.width)
        drawn, bottom = self.network.elements(replace(frame, height=height)), frame.y + height
        if self.pixels:
            drawn += self.pixels.elements(frame.x, bottom + ABOVE_PIXELS)
            bottom += ABOVE_PIXELS + self.pixels.height
        return drawn + self.patterns.elements(frame.x, bottom, frame.width)


def draw_hierarchy(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """Draw a hierarchy from left to right: a box for each module with its inputs and outputs, arrows to its users.

    Args:
        graph: nodes with the attributes `inputs` and `outputs` (sorted indices); edges from the used to the using
            module. If there are very many modules and nodes have `units`, the largest are drawn.
        labels: how inputs and outputs are named.
    """
    picture = HierarchyPicture(graph, module_styles(graph), labels)
    width = max(picture.smallest_width, SMALLEST_HIERARCHY_WIDTH)
    height = max(picture.smallest_height, SMALLEST_HIERARCHY_HEIGHT)
    return svg.document(
        width + 2 * MARGIN,
        height + 2 * MARGIN,
        title="Module hierarchy",
        description=picture.description,
        elements=picture.elements(svg.Frame(MARGIN, MARGIN, width, height)),
    )


def draw_patterns(patterns: Sequence[Pattern], hierarchy: Hierarchy) -> str:
    """Draw what the kept units of a network look for, in the colors of their modules."""
    picture = PatternMap(patterns, hierarchy, module_styles(hierarchy.graph))
    width = max(picture.width, WIDTH - 2 * MARGIN)
    return svg.document(
        width + 2 * MARGIN,
        picture.height(width) + 2 * MARGIN,
        title="Patterns",
        description=picture.description,
        elements=picture.elements(MARGIN, MARGIN, width),
    )


def draw_trial(
    masks: Sequence[NDArray[np.bool_]],
    hierarchy: Hierarchy,
    title: str,
    subtitle: str = "",
    image_shape: tuple[int, int] | None = None,
    labels: Labels = NUMBERED,
    weights: Sequence[Weights] | None = None,
    architecture: Architecture | None = None,
    patterns: Sequence[Pattern] = (),
) -> str:
    """Draw a network and its module hierarchy side by side, with the same colors and a title.

    The title is shortened if it does not fit into one line. The other arguments and errors are those of
    :class:`NetworkPicture`.
    """
    network = NetworkPicture(masks, hierarchy, image_shape, labels, weights, architecture, patterns)
    modules = HierarchyPicture(hierarchy.graph, network.styles, network.labels_in_hierarchy)
    available = WIDTH - 4 * MARGIN
    spacious = min(LARGEST_SCALE * modules.smallest_width, 0.4 * available)
    right_width = max(modules.smallest_width, spacious, SMALLEST_HIERARCHY_WIDTH)
    left_width = max(network.smallest_width, available - right_width)
    spacious_height = 0.0 if network.is_large else SMALL_NETWORK_HEIGHT + network.patterns.height(left_width)
    height = max(network.height_at(left_width), modules.smallest_height + CAPTION_HEIGHT, spacious_height)
    width = left_width + right_width + 4 * MARGIN
    top = MARGIN + TITLE_SIZE + (SUBTITLE_SIZE + 8 if subtitle else 0) + 18 + HEADING_SIZE
    above = 12 if weights is None else 12 + LEGEND_HEIGHT
    left = svg.Frame(MARGIN, top + above, left_width, height)
    right = svg.Frame(left_width + 3 * MARGIN, top + above, right_width, height - CAPTION_HEIGHT)
    shown, found = len(modules.styles), len(hierarchy.graph)
    counted = f"{'' if shown == found else f'{shown} of '}{found:,} module{'' if found == 1 else 's'}"
    return svg.document(
        width,
        top + above + height + MARGIN,
        title=title,
        description=f"{subtitle} {network.description} {modules.description}".strip(),
        elements=[
            *_title(title, subtitle, width - 2 * MARGIN),
            svg.text(left.x, top, f"Sculpted network · {network.edges_in_words}", size=HEADING_SIZE, color=MUTED),
            svg.text(right.x, top, f"Module hierarchy · {counted}", size=HEADING_SIZE, color=MUTED),
            f'<path stroke="{LINE}" d="M{svg.number(left_width + 2 * MARGIN)} {svg.number(top)}v{height:.0f}"/>',
            *([] if weights is None else weights_legend(left.x, top + 24, weights, is_large=network.is_large)),
            *network.elements(left),
            *modules.elements(right),
        ],
    )


def _title(title: str, subtitle: str, width: float) -> list[str]:
    elements = [svg.text(MARGIN, MARGIN + TITLE_SIZE * 0.8, title, size=TITLE_SIZE, weight=700, within=width)]
    if subtitle:
        y = MARGIN + TITLE_SIZE + 8 + SUBTITLE_SIZE * 0.8
        elements.append(svg.text(MARGIN, y, subtitle, size=SUBTITLE_SIZE, color=MUTED, within=width))
    return elements
