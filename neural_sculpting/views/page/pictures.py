"""Networks and hierarchies as SVG elements of a page."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import networkx as nx
import numpy as np

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.drawing import NetworkPicture
from neural_sculpting.views.pictures.hierarchy_picture import HierarchyPicture
from neural_sculpting.views.pictures.layered_layout import Matrix, arranged
from neural_sculpting.views.pictures.layers import CAPTION_HEIGHT
from neural_sculpting.views.pictures.module_styles import module_styles

NETWORK_WIDTH = 480.0
SMALLEST_WIDTH, SMALLEST_HEIGHT = 180.0, 60.0
MARGIN = 4.0
HIERARCHY_MARGIN, BESIDE_CYCLES = 2.0, 20.0
"""The arrows of modules that use each other run beside their boxes."""


def network_svg(
    masks: Sequence[Matrix], hierarchy: Hierarchy, image_shape: tuple[int, int] | None = None, labels: Labels = NUMBERED
) -> str:
    """Draw a network for the gallery and for the large view, with the arguments of :class:`NetworkPicture`."""
    picture = NetworkPicture(masks, hierarchy, image_shape, labels)
    size = max(picture.smallest_width, NETWORK_WIDTH), picture.smallest_height
    # The gallery cuts off the captions if they are at the bottom.
    captions = 0.0 if picture.is_large or image_shape else CAPTION_HEIGHT
    style = f"--plot:{1 - captions / (size[1] + 2 * MARGIN):.2f}"
    return _inline(picture, size, (MARGIN, MARGIN), f'class="network" style="{style}"')


def network_structure(masks: Sequence[Matrix], hierarchy: Hierarchy) -> Hashable:
    """Return all that the picture of a network depends on, to draw equal networks once."""
    kept = hierarchy.kept
    inputs, *hidden, outputs = hierarchy.modules
    # Of hidden layers, only the kept units are drawn; their indices do not matter.
    modules = [inputs, *(of[left] for of, left in zip(hidden, kept[1:-1], strict=True)), outputs]
    edges = (np.packbits(of).tobytes() for of in arranged(masks, kept))
    return (*map(len, kept), *edges, *(of.tobytes() for of in modules))


def hierarchy_svg(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """Draw a hierarchy, as :func:`~neural_sculpting.views.pictures.drawing.draw_hierarchy` does."""
    picture = HierarchyPicture(graph, module_styles(graph), labels)
    size = max(picture.smallest_width, SMALLEST_WIDTH), max(picture.smallest_height, SMALLEST_HEIGHT)
    beside = HIERARCHY_MARGIN if nx.is_directed_acyclic_graph(picture.graph) else BESIDE_CYCLES
    style = f"width:{size[0] + 2 * beside:.0f}px"
    return _inline(picture, size, (beside, HIERARCHY_MARGIN), f'class="hierarchy" style="{style}"')


def hierarchy_structure(graph: nx.DiGraph) -> Hashable:
    """Return all that the picture of a hierarchy depends on, to draw equal hierarchies once."""
    rank = {module: index for index, module in enumerate(module_letters(graph))}
    modules = tuple((graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]) for module in rank)
    return modules, tuple(sorted((rank[used], rank[using]) for used, using in graph.edges))


def _inline(
    picture: NetworkPicture | HierarchyPicture, size: tuple[float, float], margins: tuple[float, float], attributes: str
) -> str:
    """Make an SVG element of a picture, with horizontal and vertical margins."""
    (width, height), (beside, above) = size, margins
    return svg.inline(
        width + 2 * beside,
        height + 2 * above,
        attributes=attributes,
        description=picture.description,
        elements=picture.elements(svg.Frame(beside, above, width, height)),
    )
