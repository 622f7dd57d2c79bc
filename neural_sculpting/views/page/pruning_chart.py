"""Charts of the density of networks over the pruning attempts, as SVG: of many trials, and of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.records.pruning_paths import PruningPath
from neural_sculpting.views.pictures import svg

WIDTH, HEIGHT = 400.0, 180.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 26.0, 40.0
FONT = 'font-size="12"'
SMALLEST_PHASE = 4
"""The fewest attempts that a chart has room for."""

WIDTH_OF_TICK = 28.0
MOST_LINES = 60
"""More trials than this are shown as the range of 80 % of them."""

TICKS = (1.0, 0.1, 0.01, 0.001, 0.0001)
HEADINGS = {"unit": "Units are pruned", "edge": "Edges are pruned"}

PATH_WIDTH, PATH_HEIGHT = 400.0, 150.0
PATH_LEFT, PATH_TOP, PATH_BOTTOM = 46.0, 8.0, 22.0
BESIDE_DOTS, DOT_RADIUS = 6.0, 3.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Panel:
    """The area of a chart, with a logarithmic scale from 1 down to the lowest density."""

    left: float
    top: float
    width: float
    height: float
    attempts: int
    lowest: float

    def x(self, attempt: float) -> float:
        return self.left + self.width * attempt / max(self.attempts - 1, 1)

    def y(self, density: float) -> float:
        share = np.log10(max(density, self.lowest)) / np.log10(self.lowest)
        return self.top + self.height * float(share)

    def line(self, densities: Sequence[float], attempts: Sequence[int] | None = None) -> str:
        xs = map(self.x, range(len(densities)) if attempts is None else attempts)
        points = zip(xs, map(self.y, densities), strict=True)
        return "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in points)

    def grid(self, left: float, right: float) -> list[str]:
        elements = []
        for tick in (tick for tick in TICKS if tick >= self.lowest):
            x, y = svg.number(left - 8), svg.number(self.y(tick))
            elements += [
                f'<path class="grid" d="M{svg.number(left)} {y}H{svg.number(right)}"/>',
                f'<text class="tick" x="{x}" y="{y}" dy="4" text-anchor="end">{100 * tick:g} %</text>',
            ]
        return elements


def pruning_chart(paths: Sequence[PruningPath], succeeded: Sequence[bool], label: str) -> str:
    """Draw the last accepted density at every attempt: a thin line for each trial, by its success, and their median.

    There is a chart for each phase, on the same scale of densities: they fit a narrow screen one below the other.
    ``label`` describes them to screen readers.
    """
    lowest = _lowest(min(float(path.kept[-1]) for path in paths))
    charts = []
    for phase in dict.fromkeys(phase for path in paths for phase in path.attempts):
        kept = [path.kept_in(phase) for path in paths]
        attempts = max(max(map(len, kept)), SMALLEST_PHASE)
        panel = _Panel(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, attempts, lowest)
        elements = [*panel.grid(LEFT, WIDTH - RIGHT), *_frame(panel, HEADINGS[phase]), *_lines(panel, kept, succeeded)]
        words = f"{label}: {HEADINGS[phase]}"
        charts.append(
            svg.inline(WIDTH, HEIGHT, attributes=f'class="chart" {FONT}', description=words, elements=elements)
        )
    return "".join(charts)


def path_chart(path: PruningPath) -> str:
    """Draw the attempts of one trial, accepted ones as dots, rejected ones as circles; empty for a single attempt."""
    densities, attempts = path.density, len(path.density)
    if attempts < 2:
        return ""
    width, height = PATH_WIDTH - PATH_LEFT - 2 * BESIDE_DOTS, PATH_HEIGHT - PATH_TOP - PATH_BOTTOM
    lowest = _lowest(float(densities[densities > 0].min(initial=1.0)))
    panel = _Panel(PATH_LEFT + BESIDE_DOTS, PATH_TOP, width, height, attempts, lowest)
    accepted = np.flatnonzero(path.accepted).tolist()
    dots = [svg.circle(panel.x(at), panel.y(density), DOT_RADIUS) for at, density in enumerate(densities.tolist())]
    elements = panel.grid(PATH_LEFT, PATH_WIDTH)
    start = 0
    for phase, count in path.attempts.items():
        x = svg.number(panel.x(max(start - 0.5, 0)))
        if start and count:
            elements.append(f'<path class="grid" d="M{x} {svg.number(PATH_TOP)}v{svg.number(height)}"/>')
        if count:
            elements.append(f'<text class="tick" x="{x}" dx="4" y="{svg.number(PATH_HEIGHT - 5)}">{phase}s</text>')
        start += count
    elements += [
        f'<path class="median" d="{panel.line(densities[accepted].tolist(), accepted)}"/>' if accepted else "",
        *svg.group('class="accepted"', [dots[at] for at in accepted]),
        *svg.group('class="rejected"', [dots[at] for at in np.flatnonzero(~path.accepted).tolist()]),
    ]
    words = f"Density over {attempts} attempts"
    attributes = f'class="chart path" {FONT}'
    return svg.inline(PATH_WIDTH, PATH_HEIGHT, attributes=attributes, description=words, elements=elements)


def _lowest(density: float) -> float:
    """Return the end of the scale: the next lower power of ten, or three times that."""
    power = 10.0 ** np.floor(np.log10(max(density, TICKS[-1])))
    return min(float(power * (3 if density >= 3.2 * power else 1)), 0.3)  # if nothing was pruned


def _frame(panel: _Panel, heading: str) -> list[str]:
    bottom = panel.top + panel.height
    most = panel.width / WIDTH_OF_TICK
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if panel.attempts / step <= most)
    below = svg.number(bottom + 16)
    ticks = [
        f'<text class="tick" text-anchor="middle" x="{svg.number(panel.x(at))}" y="{below}">{at}</text>'
        for at in range(0, panel.attempts, step)
    ]
    middle = svg.number(panel.left + panel.width / 2)
    return [
        f'<text class="heading" x="{svg.number(panel.left)}" y="{svg.number(panel.top - 10)}">{heading}</text>',
        *ticks,
        f'<text class="tick" x="{middle}" y="{svg.number(bottom + 34)}" text-anchor="middle">attempt</text>',
    ]


def _lines(panel: _Panel, kept: Sequence[Floats], succeeded: Sequence[bool]) -> list[str]:
    drawn = [(of, good) for of, good in zip(kept, succeeded, strict=True) if len(of)]
    if not drawn:
        return []
    longest = max(len(of) for of, _ in drawn)
    table = np.array([np.pad(of, (0, longest - len(of)), mode="edge") for of, _ in drawn])
    median = f'<path class="median" d="{panel.line(np.median(table, axis=0).tolist())}"/>'
    if len(drawn) > MOST_LINES:
        low, high = (np.quantile(table, share, axis=0).tolist() for share in (0.1, 0.9))
        back = panel.line(high)[1:].split("L")[::-1]
        return [f'<path class="range" d="{panel.line(low)}L{"L".join(back)}Z"/>', median]
    lines = [f'<path class="{"good" if good else "bad"}" d="{panel.line(of.tolist())}"/>' for of, good in drawn]
    return [*lines, median]
