"""The density of networks over the attempts of both phases, as SVG: a thin line for each trial and their median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.records.pruning_paths import PHASES, PruningPath
from neural_sculpting.views.pictures import svg

WIDTH, PANEL_HEIGHT = 760.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 26.0, 40.0
BETWEEN = 26.0
SMALLEST_PHASE = 4
WIDTH_OF_TICK = 28.0
MOST_LINES = 60
"""More trials than this are shown as the range that holds 80 % of them."""

TICKS = (1.0, 0.1, 0.01, 0.001, 0.0001)
HEADINGS = {"unit": "Units are pruned", "edge": "Edges are pruned"}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Panel:
    """Where one phase is drawn."""

    left: float
    width: float
    attempts: int
    lowest: float

    def x(self, attempt: float) -> float:
        return self.left + self.width * attempt / max(self.attempts - 1, 1)

    def y(self, density: float) -> float:
        share = np.log10(max(density, self.lowest)) / np.log10(self.lowest)
        return TOP + PANEL_HEIGHT * float(share)

    def line(self, densities: Sequence[float]) -> str:
        points = (f"{svg.number(self.x(at))} {svg.number(self.y(value))}" for at, value in enumerate(densities))
        return "M" + "L".join(points)


def pruning_chart(paths: Sequence[PruningPath], succeeded: Sequence[bool], label: str) -> str:
    """Draw the density that was accepted so far after every attempt, on a logarithmic scale.

    Args:
        paths: the attempts of each trial.
        succeeded: whether each trial found the expected hierarchy.
        label: what is shown, in words, for those who do not see it.
    """
    phases = [[_part(path, phase) for path in paths] for phase in PHASES]
    lowest = _lowest(min(float(path.kept[-1]) for path in paths))
    lengths = [max(max(map(len, parts)), SMALLEST_PHASE) for parts in phases]
    scale = (WIDTH - LEFT - RIGHT - BETWEEN) / sum(lengths)
    panels, left = [], LEFT
    for length in lengths:
        panels.append(_Panel(left, length * scale, length, lowest))
        left += length * scale + BETWEEN
    elements = _axis(lowest)
    for panel, parts, phase in zip(panels, phases, PHASES, strict=True):
        elements += _frame(panel, HEADINGS[phase])
        elements += _lines(panel, parts, succeeded)
    size = f'viewBox="0 0 {WIDTH:.0f} {TOP + PANEL_HEIGHT + BOTTOM:.0f}"'
    return f'<svg class="chart" role="img" aria-label="{escape(label)}" {size}>{"".join(elements)}</svg>'


def _part(path: PruningPath, phase: str) -> Floats:
    kept = path.kept
    return kept[: path.edge_phase] if phase == PHASES[0] else kept[path.edge_phase :]


def _lowest(density: float) -> float:
    """The end of the scale: the next power of ten below, or half of it."""
    power = 10.0 ** np.floor(np.log10(max(density, TICKS[-1])))
    return min(float(power * (3 if density >= 3.2 * power else 1)), 0.3)  # nothing may have been pruned


def _axis(lowest: float) -> list[str]:
    panel = _Panel(0, 0, 2, lowest)
    elements = []
    for tick in (tick for tick in TICKS if tick >= lowest):
        y = svg.number(panel.y(tick))
        elements += [
            f'<path class="grid" d="M{svg.number(LEFT)} {y}H{svg.number(WIDTH - RIGHT)}"/>',
            f'<text class="tick" x="{svg.number(LEFT - 8)}" y="{y}" dy="4" text-anchor="end">{100 * tick:g} %</text>',
        ]
    return elements


def _frame(panel: _Panel, heading: str) -> list[str]:
    bottom = TOP + PANEL_HEIGHT
    most = panel.width / WIDTH_OF_TICK
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if panel.attempts / step <= most)
    below = svg.number(bottom + 16)
    ticks = [
        f'<text class="tick" text-anchor="middle" x="{svg.number(panel.x(at))}" y="{below}">{at}</text>'
        for at in range(0, panel.attempts, step)
    ]
    middle = svg.number(panel.left + panel.width / 2)
    return [
        f'<text class="heading" x="{svg.number(panel.left)}" y="{svg.number(TOP - 10)}">{heading}</text>',
        *ticks,
        f'<text class="tick" x="{middle}" y="{svg.number(bottom + 34)}" text-anchor="middle">attempt</text>',
    ]


def _lines(panel: _Panel, parts: Sequence[Floats], succeeded: Sequence[bool]) -> list[str]:
    took_part = [(part, good) for part, good in zip(parts, succeeded, strict=True) if len(part)]
    if not took_part:
        return []
    longest = max(len(part) for part, _ in took_part)
    table = np.array([np.pad(part, (0, longest - len(part)), mode="edge") for part, _ in took_part])
    median = f'<path class="median" d="{panel.line(np.median(table, axis=0).tolist())}"/>'
    if len(took_part) > MOST_LINES:
        low, high = (np.quantile(table, share, axis=0).tolist() for share in (0.1, 0.9))
        back = panel.line(high)[1:].split("L")[::-1]
        return [f'<path class="range" d="{panel.line(low)}L{"L".join(back)}Z"/>', median]
    lines = [f'<path class="{"good" if good else "bad"}" d="{panel.line(part.tolist())}"/>' for part, good in took_part]
    return [*lines, median]
