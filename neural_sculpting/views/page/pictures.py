"""Networks and hierarchies as SVG elements of a page, which restyles their colors for light and dark screens."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.drawing import NetworkPicture
from neural_sculpting.views.pictures.hierarchy_picture import HierarchyPicture
from neural_sculpting.views.pictures.layers import CAPTION_HEIGHT
from neural_sculpting.views.pictures.module_styles import principal_styles

NETWORK_WIDTH = 480.0
SMALLEST_WIDTH, SMALLEST_HEIGHT = 180.0, 60.0
MARGIN = 4.0
HIERARCHY_MARGIN, BESIDE_CYCLES = 2.0, 20.0
"""Arrows of modules that use each other pass beside their boxes."""

Masks = Sequence[NDArray[np.bool_]]


def network_svg(
    masks: Masks, hierarchy: Hierarchy, image_shape: tuple[int, int] | None = None, labels: Labels = NUMBERED
) -> str:
    """Draw a network for the gallery and for the large view.

    Args:
        masks: one boolean array `(fan_in, fan_out)` for each weight layer.
        hierarchy: its modules.
        image_shape: height and width of each image where the inputs are pixels.
        labels: how inputs and outputs are named.
    """
    picture = NetworkPicture(masks, hierarchy, image_shape, labels)
    width, height = max(picture.smallest_width, NETWORK_WIDTH), picture.smallest_height
    captions = 0.0 if picture.is_large or image_shape else CAPTION_HEIGHT
    return svg.inline(
        width + 2 * MARGIN,
        height + 2 * MARGIN,
        # The gallery cuts off the captions where they are at the bottom.
        attributes=f'class="network" style="--plot:{1 - captions / (height + 2 * MARGIN):.2f}"',
        description=picture.description,
        elements=picture.elements(svg.Frame(MARGIN, MARGIN, width, height)),
    )


def network_structure(masks: Masks, hierarchy: Hierarchy) -> Hashable:
    """Return what the picture of a network depends on: two networks of equal structure have the same one."""
    kept = hierarchy.kept
    edges = [mask[np.ix_(kept[layer], kept[layer + 1])] for layer, mask in enumerate(masks)]
    inputs, *hidden, outputs = hierarchy.modules
    # Of hidden layers only the units that are left are drawn, whichever they are.
    modules = [inputs, *(of[left] for of, left in zip(hidden, kept[1:-1], strict=True)), outputs]
    return (*map(len, kept), *(np.packbits(of).tobytes() for of in edges), *(of.tobytes() for of in modules))


def hierarchy_svg(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """Draw a hierarchy; of very many modules the largest.

    Args:
        graph: nodes with `inputs` and `outputs`, edges from the used to the using module.
        labels: how inputs and outputs are named.
    """
    picture = HierarchyPicture(graph, principal_styles(graph), labels)
    width, height = max(picture.smallest_width, SMALLEST_WIDTH), max(picture.smallest_height, SMALLEST_HEIGHT)
    margin = HIERARCHY_MARGIN if nx.is_directed_acyclic_graph(picture.graph) else BESIDE_CYCLES
    return svg.inline(
        width + 2 * margin,
        height + 2 * HIERARCHY_MARGIN,
        attributes=f'class="hierarchy" style="width:{width + 2 * margin:.0f}px"',
        description=picture.description,
        elements=picture.elements(svg.Frame(margin, HIERARCHY_MARGIN, width, height)),
    )


def hierarchy_structure(graph: nx.DiGraph) -> Hashable:
    """Return what the picture of a hierarchy depends on: two graphs of equal structure have the same one."""
    rank = {module: index for index, module in enumerate(module_letters(graph))}
    modules = tuple((graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]) for module in rank)
    return modules, tuple(sorted((rank[used], rank[using]) for used, using in graph.edges))
