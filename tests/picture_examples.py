"""Networks to draw, made by hand, and helpers to read pictures."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from neural_sculpting.analysis import Hierarchy, module_graph
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.drawing import NetworkPicture

Edge = tuple[int, int, int]
"""Weight layer, unit it leaves, unit it enters."""


def hierarchy_of(masks, kept, modules) -> Hierarchy:
    return Hierarchy(tuple(kept), tuple(modules), tuple(modules), module_graph(masks, modules))


def network(layers: Sequence[int], edges: Sequence[Edge], modules: Mapping[int, Sequence[tuple[int, int]]]):
    """Return masks and hierarchy; `modules` maps every module to its units (layer, unit), all others are removed."""
    masks = [np.zeros(shape, dtype=bool) for shape in pairwise(layers)]
    for layer, source, target in edges:
        masks[layer][source, target] = True
    labels = [np.full(size, -1) for size in layers]
    for module, units in modules.items():
        for layer, unit in units:
            labels[layer][unit] = module
    return masks, hierarchy_of(masks, [of_layer >= 0 for of_layer in labels], labels)


def two_modules():
    """4-6-4: x0 and x1 → unit 1 → y0 and y1; x2 and x3 → unit 4 → y2 and y3; 8 of 48 edges."""
    edges = [(0, 0, 1), (0, 1, 1), (0, 2, 4), (0, 3, 4), (1, 1, 0), (1, 1, 1), (1, 4, 2), (1, 4, 3)]
    first = [(0, 0), (0, 1), (1, 1), (2, 0), (2, 1)]
    return network([4, 6, 4], edges, {0: first, 1: [(0, 2), (0, 3), (1, 4), (2, 2), (2, 3)]})


def without_edges():
    """4-24-3 with everything pruned: every output is a module."""
    return network([4, 24, 3], [], {output: [(2, output)] for output in range(3)})


def removed_inputs():
    """5-6-3 with x1 and x4 removed and y2 constant."""
    edges = [(0, 0, 2), (0, 2, 2), (0, 3, 5), (1, 2, 0), (1, 5, 1)]
    first = [(0, 0), (0, 2), (1, 2), (2, 0)]
    return network([5, 6, 3], edges, {0: first, 1: [(0, 3), (1, 5), (2, 1)], 2: [(2, 2)]})


def dense(layers: Sequence[int] = (4, 48, 48, 48, 4)):
    """A network that was never pruned, all in one module."""
    masks = [np.ones(shape, dtype=bool) for shape in pairwise(layers)]
    return masks, hierarchy_of(
        masks, [np.ones(size, dtype=bool) for size in layers], [np.zeros(size, dtype=int) for size in layers]
    )


def many_modules(modules: int = 20):
    """Side by side, without an edge between them: x → unit → y."""
    edges = [(layer, module, module) for module in range(modules) for layer in range(2)]
    layers = [modules, 60, modules]
    return network(layers, edges, {m: [(layer, m) for layer in range(3)] for m in range(modules)})


def large():
    """200-100-4, all units live: module 0 has x0–x119, 60 hidden units and y0, y1; module 1 has the others.

    Module 0 has 240 + 120 edges, module 1 has 80 + 80; two edges lead from module 0 into hidden units of module 1.
    """
    masks = [np.zeros((200, 100), bool), np.zeros((100, 4), bool)]
    for unit in range(120):
        masks[0][unit, [unit % 60, (unit + 1) % 60]] = True
    for unit in range(80):
        masks[0][120 + unit, 60 + unit % 40] = True
    masks[0][[0, 1], [60, 61]] = True
    masks[1][:60, :2] = masks[1][60:, 2:] = True
    modules = [np.repeat([0, 1], sizes) for sizes in ((120, 80), (60, 40), (2, 2))]
    return masks, hierarchy_of(masks, [np.ones(len(of), bool) for of in modules], modules)


def large_with_many_modules(modules: int = 50, units: int = 4):
    """Side by side, without an edge between them; module m has `units` inputs and hidden units, or one less if odd."""
    sizes = [units - module % 2 for module in range(modules)]
    hidden = np.repeat(np.arange(modules), sizes)
    masks = [hidden[:, None] == hidden, np.zeros((len(hidden), 2), bool)]
    masks[1][:units, 0] = True
    masks[1][units : units + sizes[1], 1] = True
    outputs = np.array([0, 1])
    return masks, hierarchy_of(
        masks, [np.ones(len(of), bool) for of in (hidden, hidden, outputs)], [hidden, hidden, outputs]
    )


def sculpted(outputs: int = 16, seed: int = 0):
    """8-60-60-60-60-(outputs): 12 units kept in each hidden layer, about 100 edges, modules that feed each other."""
    random = np.random.default_rng(seed)
    layers = [8, 60, 60, 60, 60, outputs]
    kept = [np.ones(8, bool), *(random.permutation(60) < 12 for _ in range(4)), np.ones(outputs, bool)]
    masks = [np.zeros(shape, dtype=bool) for shape in pairwise(layers)]
    for mask, sources, targets in zip(masks, kept[:-1], kept[1:], strict=True):
        for source in np.flatnonzero(sources):
            mask[source, random.choice(np.flatnonzero(targets))] = True
        for target in np.flatnonzero(targets):
            mask[random.choice(np.flatnonzero(sources)), target] = True
    modules = [np.where(of_layer, np.arange(len(of_layer)) % 3, -1) for of_layer in kept]
    modules[-1] = np.arange(outputs) + 3
    return masks, hierarchy_of(masks, kept, modules)


EXAMPLES = [two_modules, without_edges, removed_inputs, dense, many_modules, sculpted]
"""Networks that are drawn unit by unit."""


def parsed_elements(elements, width: float = 400.0, height: float = 400.0) -> ElementTree.Element:
    """Read elements of a picture as XML."""
    return parsed(svg.document(width, height, title="", description="", elements=elements))


def drawn(picture, height: float = 0.0) -> ElementTree.Element:
    """Draw something into a frame with its corner at 20, 30, as wide as it needs and as high, or higher."""
    frame = svg.Frame(20.0, 30.0, picture.smallest_width, max(picture.smallest_height, height))
    return parsed_elements(picture.elements(frame), frame.width + 40, frame.height + 60)


def drawn_network(masks, hierarchy, image_shape=None) -> ElementTree.Element:
    return drawn(NetworkPicture(masks, hierarchy, image_shape))


def size_of(root: ElementTree.Element) -> tuple[float, float]:
    """Return width and height of a picture."""
    _, _, width, height = map(float, root.get("viewBox").split())
    return width, height


def parsed(picture: str) -> ElementTree.Element:
    """Read the picture as XML, which fails where it is not well formed; names lose their namespace."""
    root = ElementTree.fromstring(picture)
    for element in root.iter():
        element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text for element in root.iter("text")]


def circles(root: ElementTree.Element) -> list[tuple[float, float, float]]:
    """Return the center and the radius of all circles."""
    return [tuple(float(circle.get(key)) for key in ("cx", "cy", "r")) for circle in root.iter("circle")]


def curves(root: ElementTree.Element) -> list[str]:
    """Return the curves of the edges of a network, without the bands of the modules."""
    groups = [group for group in root.iter("g") if group.get("class") == "edges"]
    return [curve for group in groups for path in group for curve in re.findall("M[^MC]*C[^MC]*", path.get("d"))]


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of the boxes of a hierarchy."""
    rectangles = [
        [float(rectangle.get(key)) for key in ("x", "y", "width", "height")]
        for rectangle in root.iter("rect")
        if rectangle.get("fill-opacity")
    ]
    return [(x, y, x + width, y + height) for x, y, width, height in rectangles]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as the Web Content Accessibility Guidelines 2.1 define it."""

    def luminance(color: str) -> float:
        shares = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
