"""The arrows of a module hierarchy, as SVG paths with drawn heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from neural_sculpting.views.pictures import svg

ARROW = 8.0
"""The length of an arrow's head in pixels."""


@dataclass(frozen=True)
class Port:
    """Where an arrow leaves or enters a level: the edges of its box and the height, in pixels."""

    left: float
    right: float
    y: float


def arrow(ports: Sequence[Port], color: str) -> str:
    """Draws an arrow from the right of the first port to the left of the last, straight through those between."""
    first, last = ports[0], ports[-1]
    if first.left == last.left:
        return _arc(first, last, color)
    path = f"M{svg.number(first.right)} {svg.number(first.y)}"
    for port, following in pairwise(ports):
        end = following.left - (ARROW if following is last else 0.0)
        bend = (end - port.right) * 0.5
        numbers = (port.right + bend, port.y, end - bend, following.y, end, following.y)
        path += "C" + " ".join(map(svg.number, numbers))
        path += "" if following is last else f"H{svg.number(following.right)}"
    return _line_with_head(path, last.left, last.y, ARROW, color)


def _arc(first: Port, last: Port, color: str) -> str:
    """Draws an arrow within a level: downwards on the right of the boxes, upwards on their left."""
    down = 1.0 if last.y > first.y else -1.0
    side = first.right if down > 0 else first.left
    start, end, away = first.y + down * ARROW, last.y - down * ARROW, side + down * 4 * ARROW
    path = f"M{svg.number(side)} {svg.number(start)}C"
    path += " ".join(map(svg.number, (away, start, away, end, side + down * ARROW, end)))
    return _line_with_head(path, side, end, -down * ARROW, color)


def _line_with_head(path: str, x: float, y: float, length: float, color: str) -> str:
    back, wing = svg.number(x - length), ARROW * 0.6
    head = f"M{svg.number(x)} {svg.number(y)}L{back} {svg.number(y - wing)}V{svg.number(y + wing)}Z"
    return f'<path stroke="{color}" d="{path}"/><path fill="{color}" d="{head}"/>'
