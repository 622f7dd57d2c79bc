"""The picture of a module hierarchy: a box for every module, arrows from used to using modules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from neural_sculpting.scoring.labels import NUMBERED, Labels, module_levels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.hierarchy_arrows import Port, arrow
from neural_sculpting.views.pictures.layered_layout import arranged, order_layers, place_layers, stacked
from neural_sculpting.views.pictures.module_styles import ModuleStyle

FONT_SIZE, LINE_HEIGHT = 14.0, 18.0
BADGE_RADIUS = 12.0
PADDING = 10.0
PASSAGE_HEIGHT = 14.0
SMALLEST_GAP, LARGEST_GAP = 8.0, 36.0
SMALLEST_GAP_BETWEEN_LEVELS, LARGEST_GAP_BETWEEN_LEVELS = 56.0, 110.0
LARGEST_SCALE = 1.3
MARGIN = 16.0

Place = tuple[int, int]
"""The level of a box and its place there."""


@dataclass(frozen=True)
class Box:
    """A module with its lines of text; without a module the passage of an arrow to a later level."""

    module: Any = None
    lines: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """Width in pixels."""
        text = max((svg.text_width(line, FONT_SIZE) + 8 for line in self.lines), default=0.0)
        return 0.0 if self.module is None else 2 * BADGE_RADIUS + 2 * PADDING + text

    @property
    def height(self) -> float:
        """Height in pixels."""
        return PASSAGE_HEIGHT if self.module is None else max(len(self.lines) * LINE_HEIGHT, 22.0) + 14


class HierarchyPicture:
    """A hierarchy, ready to be drawn into a frame.

    Args:
        graph: Nodes with the attributes `inputs` and `outputs`; edges from the used to the using module.
        styles: The look of every module.
        labels: How inputs and outputs are named.
    """

    def __init__(
        self,
        graph: nx.DiGraph,
        styles: Mapping[Any, ModuleStyle],
        labels: Labels = NUMBERED,
    ) -> None:
        self.graph = graph
        self.styles = styles
        self.labels = labels
        self.levels = [[Box(module, self._lines(module)) for module in level] for level in module_levels(graph)]
        places = {
            box.module: (level, place) for level, boxes in enumerate(self.levels) for place, box in enumerate(boxes)
        }
        self.routes = [self._route(places[used], places[using]) for used, using in sorted(graph.edges)]
        self._arrange()

    def _route(self, start: Place, end: Place) -> list[Place]:
        """Returns the places that an arrow touches; adds passages to the levels in between."""
        route = [start]
        for level in range(start[0] + 1, end[0]):
            self.levels[level].append(Box())
            route.append((level, len(self.levels[level]) - 1))
        return [*route, end]

    def _arrange(self) -> None:
        """Puts the boxes of each level into an order with few crossings."""
        connections = [
            np.zeros((len(left), len(right)), dtype=bool)
            for left, right in zip(self.levels[:-1], self.levels[1:], strict=True)
        ]
        for route in self.routes:
            for (level, place), (next_level, next_place) in pairwise(route):
                if next_level > level:
                    connections[level][place, next_place] = True
        orders = order_layers(connections, [np.arange(len(level)) for level in self.levels])
        ranks = [np.argsort(order).tolist() for order in orders]
        self.connections = arranged(connections, orders)
        self.levels = [[level[place] for place in order] for level, order in zip(self.levels, orders, strict=True)]
        self.routes = [[(level, ranks[level][place]) for level, place in route] for route in self.routes]

    def _lines(self, module: Any) -> tuple[str, ...]:
        """Returns the labels of the inputs and of the outputs of a module, as far as it has any."""
        attributes = self.graph.nodes[module]
        labels = (self.labels.inputs(attributes["inputs"]), self.labels.outputs(attributes["outputs"]))
        return tuple(label for label in labels if label)

    @property
    def smallest_height(self) -> float:
        """The height that the fullest level needs, in pixels."""
        return max((_boxes_height(level) + SMALLEST_GAP * len(level) for level in self.levels), default=0.0)

    @property
    def smallest_width(self) -> float:
        """The width at which labels and arrows fit, in pixels."""
        gaps = max(len(self.levels) - 1, 0)
        return sum(self._widths()) + SMALLEST_GAP_BETWEEN_LEVELS * gaps + 2 * MARGIN

    @property
    def description(self) -> str:
        """The picture in words."""
        modules = ", ".join(" ".join([style.letter, *self._lines(module)]) for module, style in self.styles.items())
        uses = ", ".join(
            f"{self.styles[using].letter} uses {self.styles[used].letter}" for used, using in sorted(self.graph.edges)
        )
        return f"{len(self.styles)} modules: {modules}." + (f" {uses}." if uses else "")

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draws the hierarchy into the frame, enlarged where there is room: arrows, then boxes."""
        if not self.levels:
            return []
        scale = min(frame.width / self.smallest_width, frame.height / self.smallest_height, LARGEST_SCALE)
        place = f"translate({svg.number(frame.x)} {svg.number(frame.y)}) scale({svg.precise(scale)})"
        inner = svg.Frame(0.0, 0.0, frame.width / scale, frame.height / scale)
        return svg.group(f'transform="{place}"', self._elements(inner))

    def _elements(self, frame: svg.Frame) -> list[str]:
        lefts = self._lefts(frame)
        gaps = [(frame.height - _boxes_height(level)) / (len(level) + 1) for level in self.levels]
        rows = place_layers(
            self.connections,
            [_stacked(level, min(gap, LARGEST_GAP)) for level, gap in zip(self.levels, gaps, strict=True)],
            low=[frame.y + level[0].height / 2 for level in self.levels],
            high=[frame.y + frame.height - level[-1].height / 2 for level in self.levels],
        )
        elements = self._arrows(lefts, rows)
        for level, left, width, ys in zip(self.levels, lefts, self._widths(), rows, strict=True):
            for box, y in zip(level, ys.tolist(), strict=True):
                if box.module is not None:
                    elements += self._box(box, left, y, width)
        return elements

    def _widths(self) -> list[float]:
        return [max(box.width for box in level) for level in self.levels]

    def _lefts(self, frame: svg.Frame) -> list[float]:
        """Returns the left edge of every level."""
        widths = self._widths()
        room = frame.width - sum(widths) - 2 * MARGIN
        gap = min(room / max(len(widths) - 1, 1), LARGEST_GAP_BETWEEN_LEVELS)
        start = frame.x + (frame.width - sum(widths) - gap * (len(widths) - 1)) / 2
        return [start + sum(widths[:level]) + gap * level for level in range(len(widths))]

    def _arrows(self, lefts: Sequence[float], rows: Sequence[NDArray[np.float64]]) -> list[str]:
        """Draws the arrows; those that enter the same box do so one above the other, as they arrive."""
        widths = self._widths()

        def height_before_the_end(route: list[Place]) -> float:
            level, place = route[-2]
            return float(rows[level][place])

        entering: dict[Place, list[list[Place]]] = defaultdict(list)
        for route in sorted(self.routes, key=height_before_the_end):
            entering[route[-1]].append(route)
        elements = []
        for (end, place), routes in entering.items():
            box = self.levels[end][place]
            step = min(11.0, (box.height - 16) / len(routes))
            for index, route in enumerate(routes):
                ports = [
                    Port(lefts[level], lefts[level] + widths[level], float(rows[level][at])) for level, at in route
                ]
                shift = step * (index - (len(routes) - 1) / 2)
                ports[-1] = Port(ports[-1].left, ports[-1].right, ports[-1].y + shift)
                level, at = route[0]
                elements.append(arrow(ports, self.styles[self.levels[level][at].module].color))
        return svg.group('fill="none" stroke-width="2"', elements)

    def _box(self, box: Box, left: float, y: float, width: float) -> list[str]:
        style = self.styles[box.module]
        x, top = svg.number(left), svg.number(y - box.height / 2)
        size = f'width="{svg.number(width)}" height="{svg.number(box.height)}" rx="10"'
        badge = left + PADDING + BADGE_RADIUS
        first = y - (len(box.lines) - 1) * LINE_HEIGHT / 2 + FONT_SIZE * 0.35
        return [
            f'<rect x="{x}" y="{top}" {size} fill="{svg.BACKGROUND}"/>',
            f'<rect x="{x}" y="{top}" {size} fill="{style.color}" fill-opacity="0.1" '
            f'stroke="{style.color}" stroke-width="1.5"/>',
            f'<circle cx="{svg.number(badge)}" cy="{svg.number(y)}" r="{svg.number(BADGE_RADIUS)}" {style.shape}/>',
            svg.text(badge, y + 4.7, style.letter, size=13, color=style.text_color, anchor="middle", weight=700),
            *(
                svg.text(badge + BADGE_RADIUS + 8, first + line * LINE_HEIGHT, content, size=FONT_SIZE)
                for line, content in enumerate(box.lines)
            ),
        ]


def _boxes_height(level: Sequence[Box]) -> float:
    return sum(box.height for box in level)


def _stacked(level: Sequence[Box], gap: float) -> NDArray[np.float64]:
    return stacked(np.array([box.height for box in level]), gap)
