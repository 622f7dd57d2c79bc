"""Hierarchies as SVG elements of a page: what a trial found, what most found, what is expected."""

from __future__ import annotations

from html import escape
from typing import Any

import networkx as nx

from neural_sculpting.scoring.labels import NUMBERED, Labels
from neural_sculpting.views.page.themes import themed, themed_styles
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.hierarchy_picture import HierarchyPicture
from neural_sculpting.views.pictures.large_network import principal_modules

SMALLEST_WIDTH, SMALLEST_HEIGHT = 180.0, 60.0
BESIDE_CIRCLES = 20.0
"""Room for the arrows of modules that use each other, which pass beside their boxes."""


def hierarchy_svg(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """Draw a hierarchy in the colors of the page; of very many modules the largest.

    Args:
        graph: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.
        labels: how inputs and outputs are named.
    """
    graph = principal_modules(graph) if all("units" in held for _, held in graph.nodes(data=True)) else graph
    picture = HierarchyPicture(graph, themed_styles(graph), labels)
    width = max(picture.smallest_width, SMALLEST_WIDTH)
    height = max(picture.smallest_height, SMALLEST_HEIGHT)
    margin = 2 if nx.is_directed_acyclic_graph(graph) else BESIDE_CIRCLES
    elements = picture.elements(svg.Frame(margin, 2, width, height))
    width, height = width + 2 * margin, height + 4
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" style="width:{width:.0f}px"'
    return (
        f'<svg class="hierarchy" role="img" aria-label="{escape(picture.description)}" {size}>{themed(elements)}</svg>'
    )


def structure(graph: nx.DiGraph) -> tuple[Any, ...]:
    """What the picture of a hierarchy depends on: two graphs of equal structure have the same one."""
    place = {module: number for number, module in enumerate(themed_styles(graph))}
    modules = tuple((graph.nodes[module]["inputs"], graph.nodes[module]["outputs"]) for module in place)
    return modules, tuple(sorted((place[used], place[using]) for used, using in graph.edges))
