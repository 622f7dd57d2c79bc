"""The picture of a module hierarchy: a box for every module, arrows from used to using modules."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from neural_sculpting.scoring.labels import NUMBERED, Labels, module_levels
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.colors import MUTED
from neural_sculpting.views.pictures.layered_layout import arranged, order_layers, place_layers, stacked
from neural_sculpting.views.pictures.module_styles import ModuleStyle, Styles

FONT_SIZE, LINE_HEIGHT, SUPPORT_SIZE = 14.0, 18.0, 12.0
PALEST = 0.25
"""The opacity of an arrow without support."""

LONGEST_LINE, MOST_LINES = 240.0, 12
"""The width of a line of names, in pixels, and how many of them a box has."""

MOST_NAMES = 100
"""How many names the tooltip of a box lists."""

BADGE_RADIUS = 12.0
PADDING = 10.0
PASSAGE_HEIGHT = 14.0
SMALLEST_GAP, LARGEST_GAP = 8.0, 36.0
SMALLEST_GAP_BETWEEN_LEVELS, LARGEST_GAP_BETWEEN_LEVELS = 56.0, 110.0
LARGEST_SCALE = 1.3
MARGIN = 16.0
ARROWHEAD = 8.0
BETWEEN_ARROWS = 11.0
"""The largest distance between two arrows that enter the same box."""


Stop = tuple[int, int]
"""The level and the rank of a box that an arrow starts from, passes or enters."""


class Port(NamedTuple):
    """The horizontal extent of a box in the picture, and the height at which an arrow leaves or enters it."""

    left: float
    right: float
    y: float


@dataclass(frozen=True)
class _Box:
    """A module with its lines of text; without a module, the passage of an arrow to a later level.

    Where the lines leave out names or parts of them, `names` has all of them. Below is the `support`, if it is known.
    """

    module: Any = None
    lines: tuple[str, ...] = ()
    names: str = ""
    support: str = ""

    @property
    def width(self) -> float:
        widths = [svg.text_width(line, FONT_SIZE) + 8 for line in self.lines]
        widths += [svg.text_width(self.support, SUPPORT_SIZE) + 8] * bool(self.support)
        text = max(widths, default=0.0)
        return 0.0 if self.module is None else 2 * BADGE_RADIUS + 2 * PADDING + text

    @property
    def height(self) -> float:
        return PASSAGE_HEIGHT if self.module is None else max(self._n_lines * LINE_HEIGHT, 22.0) + 14

    @property
    def _n_lines(self) -> int:
        return len(self.lines) + bool(self.support)

    def elements(self, left: float, y: float, width: float, style: ModuleStyle) -> list[str]:
        """Draw the box, centered vertically at y."""
        badge = left + PADDING + BADGE_RADIUS
        first = y - (self._n_lines - 1) * LINE_HEIGHT / 2 + FONT_SIZE * 0.35
        below = first + len(self.lines) * LINE_HEIGHT
        support = svg.text(badge + BADGE_RADIUS + 8, below, self.support, size=SUPPORT_SIZE, color=MUTED)
        elements = [
            *svg.box(left, y - self.height / 2, width, self.height, radius=10, color=style.color, stroke=1.5),
            *style.badge(badge, y, BADGE_RADIUS),
            *(
                svg.text(badge + BADGE_RADIUS + 8, first + line * LINE_HEIGHT, content, size=FONT_SIZE)
                for line, content in enumerate(self.lines)
            ),
            *([support] if self.support else []),
        ]
        return ["<g>", svg.tooltip(self.names), *elements, "</g>"] if self.names else elements


class HierarchyPicture:
    """A hierarchy, ready to be drawn into a frame; modules without a style are omitted.

    Where modules and edges have a ``support``, a share of trials, boxes show it, and arrows are as pale as it is low.
    """

    def __init__(self, graph: nx.DiGraph, styles: Styles, labels: Labels = NUMBERED) -> None:
        self.graph = nx.DiGraph(graph)
        self.graph.remove_nodes_from([module for module in graph if module not in styles])
        self.styles, self.labels = styles, labels
        self.levels = [[self._box(module) for module in level] for level in module_levels(self.graph)]
        stops = {box.module: (level, rank) for level, boxes in enumerate(self.levels) for rank, box in enumerate(boxes)}
        self.routes = [self._route(stops[used], stops[using]) for used, using in sorted(self.graph.edges)]
        self._arrange()
        self.widths = [max(box.width for box in level) for level in self.levels]
        gaps = max(len(self.levels) - 1, 0)
        self.smallest_width = sum(self.widths) + SMALLEST_GAP_BETWEEN_LEVELS * gaps + 2 * MARGIN
        self.smallest_height = max(
            (sum(box.height for box in level) + SMALLEST_GAP * len(level) for level in self.levels), default=0.0
        )

    def _box(self, module: Any) -> _Box:
        texts = self._texts(module)
        lines = [line for text in texts for line in svg.wrapped(text, FONT_SIZE, LONGEST_LINE)]
        if len(lines) > MOST_LINES:
            lines = [*lines[: MOST_LINES - 1], "…"]
        shortened = "…" in "".join(lines)
        support = self.graph.nodes[module].get("support")
        names = self._all_names(module) if shortened else ""
        return _Box(module, tuple(lines), names, "" if support is None else f"in {support:.0%} of trials")

    def _texts(self, module: Any) -> list[str]:
        node = self.graph.nodes[module]
        return list(filter(None, (self.labels.inputs(node["inputs"]), self.labels.outputs(node["outputs"]))))

    def _all_names(self, module: Any) -> str:
        node = self.graph.nodes[module]
        names = [
            label((number,))
            for label, numbers in ((self.labels.inputs, node["inputs"]), (self.labels.outputs, node["outputs"]))
            for number in numbers
        ]
        return ", ".join(names[:MOST_NAMES]) + ", …" * (len(names) > MOST_NAMES)

    def _route(self, start: Stop, end: Stop) -> list[Stop]:
        """Return the stops of an arrow, after adding passages to the levels in between."""
        route = [start]
        for level in range(start[0] + 1, end[0]):
            self.levels[level].append(_Box())
            route.append((level, len(self.levels[level]) - 1))
        return [*route, end]

    def _arrange(self) -> None:
        """Order the boxes of each level so that few arrows cross."""
        connections = [np.zeros((len(left), len(right)), dtype=bool) for left, right in pairwise(self.levels)]
        for route in self.routes:
            for (level, rank), (next_level, next_rank) in pairwise(route):
                if next_level > level:
                    connections[level][rank, next_rank] = True
        orders = order_layers(connections, [np.arange(len(level)) for level in self.levels])
        ranks = [np.argsort(order).tolist() for order in orders]
        self.connections = arranged(connections, orders)
        self.levels = [[level[index] for index in order] for level, order in zip(self.levels, orders, strict=True)]
        self.routes = [[(level, ranks[level][rank]) for level, rank in route] for route in self.routes]

    @property
    def description(self) -> str:
        """The picture in words."""
        modules = ", ".join(" ".join([style.letter, *self._texts(module)]) for module, style in self.styles.items())
        uses = ", ".join(
            f"{self.styles[using].letter} uses {self.styles[used].letter}" for used, using in sorted(self.graph.edges)
        )
        return f"{len(self.styles)} modules: {modules}." + (f" {uses}." if uses else "")

    def elements(self, frame: svg.Frame) -> list[str]:
        """Draw the hierarchy into the frame, enlarged if there is room."""
        if not self.levels:
            return []
        scale = min(frame.width / self.smallest_width, frame.height / self.smallest_height, LARGEST_SCALE)
        ports = self._ports(frame.width / scale, frame.height / scale)
        boxes = []
        for level, of_level, width in zip(self.levels, ports, self.widths, strict=True):
            for box, port in zip(level, of_level, strict=True):
                if box.module is not None:
                    boxes += box.elements(port.left, port.y, width, self.styles[box.module])
        corner = f"translate({svg.number(frame.x)} {svg.number(frame.y)}) scale({svg.precise(scale)})"
        return svg.group(f'transform="{corner}"', self._arrows(ports) + boxes)

    def _ports(self, width: float, height: float) -> list[list[Port]]:
        free_width = width - sum(self.widths) - 2 * MARGIN
        gap = min(free_width / max(len(self.widths) - 1, 1), LARGEST_GAP_BETWEEN_LEVELS)
        start = (width - sum(self.widths) - gap * (len(self.widths) - 1)) / 2
        lefts = [start + sum(self.widths[:level]) + gap * level for level in range(len(self.widths))]
        free = [(height - sum(box.height for box in level)) / (len(level) + 1) for level in self.levels]
        rows = place_layers(
            self.connections,
            [
                stacked(np.array([box.height for box in level]), min(gap, LARGEST_GAP))
                for level, gap in zip(self.levels, free, strict=True)
            ],
            low=[level[0].height / 2 for level in self.levels],
            high=[height - level[-1].height / 2 for level in self.levels],
        )
        return [
            [Port(left, left + wide, y) for y in ys.tolist()]
            for left, wide, ys in zip(lefts, self.widths, rows, strict=True)
        ]

    def _arrows(self, ports: Sequence[Sequence[Port]]) -> list[str]:
        """Draw the arrows; those into the same box enter in the order of the heights they come from."""
        entering: dict[Stop, list[tuple[list[Port], tuple[str, float | None]]]] = defaultdict(list)
        for route in sorted(self.routes, key=lambda route: ports[route[-2][0]][route[-2][1]].y):
            used, using = (self.levels[level][rank].module for level, rank in (route[0], route[-1]))
            support = self.graph.edges[used, using].get("support")
            entering[route[-1]].append(
                ([ports[level][rank] for level, rank in route], (self.styles[used].color, support))
            )
        elements = []
        for (level, rank), arrows in entering.items():
            step = min(BETWEEN_ARROWS, (self.levels[level][rank].height - 16) / len(arrows))
            for index, ((*passed, last), (color, support)) in enumerate(arrows):
                shift = step * (index - (len(arrows) - 1) / 2)
                elements += _supported(arrow([*passed, last._replace(y=last.y + shift)], color), support)
        return svg.group('fill="none" stroke-width="2"', elements)


def _supported(drawn: str, support: float | None) -> list[str]:
    if support is None:
        return [drawn]
    tooltip = svg.tooltip(f"in {support:.0%} of trials")
    return svg.group(f'opacity="{svg.number(max(support, PALEST))}"', [tooltip, drawn])


def arrow(ports: Sequence[Port], color: str) -> str:
    """Draw an arrow from the right of the first port to the left of the last, straight through those between."""
    first, last = ports[0], ports[-1]
    if first.left == last.left:
        return _arc(first, last, color)
    path = f"M{svg.number(first.right)} {svg.number(first.y)}"
    for port, following in pairwise(ports):
        end = following.left - (ARROWHEAD if following is last else 0.0)
        path += svg.curve(port.right, port.y, end, following.y, bend=0.5)
        path += "" if following is last else f"H{svg.number(following.right)}"
    return _with_head(path, last.left, last.y, ARROWHEAD, color)


def _arc(first: Port, last: Port, color: str) -> str:
    """Draw an arrow within a level: downwards on the right of the boxes, upwards on their left."""
    down = 1.0 if last.y > first.y else -1.0
    side = first.right if down > 0 else first.left
    start, end, away = first.y + down * ARROWHEAD, last.y - down * ARROWHEAD, side + down * 4 * ARROWHEAD
    path = f"M{svg.number(side)} {svg.number(start)}C"
    path += " ".join(map(svg.number, (away, start, away, end, side + down * ARROWHEAD, end)))
    return _with_head(path, side, end, -down * ARROWHEAD, color)


def _with_head(path: str, x: float, y: float, length: float, color: str) -> str:
    back, wing = svg.number(x - length), ARROWHEAD * 0.6
    head = f"M{svg.number(x)} {svg.number(y)}L{back} {svg.number(y - wing)}V{svg.number(y + wing)}Z"
    return f'<path stroke="{color}" d="{path}"/><path fill="{color}" d="{head}"/>'
