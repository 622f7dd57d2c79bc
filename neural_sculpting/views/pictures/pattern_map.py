"""What the remaining units look for, in rows below a network: attention of heads, filters of channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.networks.architecture import Pattern
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import BADGE_RADIUS
from neural_sculpting.views.pictures.colors import INK, LINE, MUTED, NEGATIVE, POSITIVE
from neural_sculpting.views.pictures.module_styles import OTHERS, ModuleStyle, Styles

LEVELS = 8
"""Steps of opacity."""

IMAGE_SIZE, LARGEST_PITCH = 96.0, 12.0
HEADING_SIZE, NAME_SIZE, LABEL_SIZE = 13.0, 13.0, 11.0
HEADING_HEIGHT, NAME_HEIGHT, LABEL_HEIGHT = 36.0, 24.0, 16.0
BETWEEN_IMAGES, BETWEEN_UNITS, BELOW_UNITS = 10.0, 26.0, 14.0
MARK = 2 * BADGE_RADIUS + 3
MOST_MARKS = 4


@dataclass(frozen=True)
class _Drawn:
    """A pattern with the modules of the node that it is about, or where this is gone of the others of its unit."""

    pattern: Pattern
    styles: list[ModuleStyle]
    by_position: bool

    @property
    def name(self) -> str:
        """That of its unit, and whether what it looks for depends on no input."""
        return f"{self.pattern.name}, by position alone" if self.by_position else self.pattern.name

    @property
    def color(self) -> str:
        """That of its module; gray where it serves several."""
        return self.styles[0].color if len(self.styles) == 1 else OTHERS.color

    @property
    def colors(self) -> dict[int, str]:
        """Of positive values and of negative ones."""
        return {1: POSITIVE, -1: NEGATIVE} if self.pattern.signed else {1: self.color}

    @property
    def largest(self) -> float:
        """The value that is opaque."""
        return max(float(np.abs(each).max()) for each in self.pattern.images.values()) if self.pattern.signed else 1.0

    @property
    def pitch(self) -> float:
        """The size of a cell, in pixels."""
        longest: int = max(side for each in self.pattern.images.values() for side in each.shape)
        return min(LARGEST_PITCH, IMAGE_SIZE / longest)

    @property
    def label_height(self) -> float:
        """The height of the names above its images."""
        return LABEL_HEIGHT if any(self.pattern.images) else 0.0

    @property
    def widths(self) -> list[float]:
        """Of its images with their names."""
        sizes = self.pattern.images.items()
        return [max(image.shape[1] * self.pitch, svg.text_width(name, LABEL_SIZE)) for name, image in sizes]

    @property
    def width(self) -> float:
        """Of everything."""
        named = MARK * min(len(self.styles), MOST_MARKS) + 4 + svg.text_width(self.name, NAME_SIZE)
        return max(sum(self.widths) + BETWEEN_IMAGES * (len(self.widths) - 1), named)

    @property
    def height(self) -> float:
        """Of everything."""
        return NAME_HEIGHT + self.label_height + max(len(each) for each in self.pattern.images.values()) * self.pitch


class PatternMap:
    """The patterns of the units that are left, by what they belong to.

    Attention has the color of its module, filters have those of signs.

    Attributes:
        width: at which the widest pattern has room, in pixels.
    """

    def __init__(self, patterns: Sequence[Pattern], hierarchy: Hierarchy, styles: Styles) -> None:
        found = (_drawn(each, hierarchy, styles) for each in patterns if each.images)
        self.drawn = [each for each in found if each.styles]
        self.width = max((each.width for each in self.drawn), default=0.0)

    @property
    def description(self) -> str:
        """The picture in words."""
        names = (f"{each.pattern.name} of {each.pattern.of}" for each in self.drawn)
        return f"Patterns of {', '.join(names)}." if self.drawn else ""

    def height(self, width: float) -> float:
        """The height at some width, in pixels."""
        return max((y + each.height for each, _, y in self._placed(width)), default=0.0)

    def elements(self, x: float, y: float, width: float) -> list[str]:
        """Draw the patterns with their upper left corner at (x, y)."""
        elements, headings = [], set()
        for each, left, top in self._placed(width):
            if (of := each.pattern.of) not in headings:
                headings.add(of)
                elements.append(svg.text(x, y + top - 10, _heading(each.pattern), size=HEADING_SIZE, color=MUTED))
            elements += _elements(each, x + left, y + top)
        return elements

    def _placed(self, width: float) -> list[tuple[_Drawn, float, float]]:
        """Return each with its upper left corner, in lines of some width."""
        placed, top = [], 0.0
        for _, of_one in groupby(self.drawn, key=lambda each: each.pattern.of):
            left, top, highest = 0.0, top + HEADING_HEIGHT, 0.0
            for each in of_one:
                if left > 0 and left + each.width > width:
                    left, top, highest = 0.0, top + highest + BELOW_UNITS, 0.0
                placed.append((each, left, top))
                left, highest = left + each.width + BETWEEN_UNITS, max(highest, each.height)
            top += highest + BELOW_UNITS
        return placed


def _drawn(pattern: Pattern, hierarchy: Hierarchy, styles: Styles) -> _Drawn:
    modules = [int(hierarchy.modules[stage][unit]) for stage, unit in pattern.nodes]
    has_values = len({stage for stage, _ in pattern.nodes}) > 1  # else its nodes are the positions of a channel
    chosen = modules[:1] if has_values and modules[0] >= 0 else modules
    left = [styles.get(module, OTHERS) for module in chosen if module >= 0]
    return _Drawn(pattern, list(dict.fromkeys(left)), has_values and modules[0] < 0)


def _heading(pattern: Pattern) -> str:
    if not pattern.signed:
        return f"{pattern.of[:1].upper()}{pattern.of[1:]}: mean over examples, from each token (row) to each (column)"
    return f"{pattern.of[:1].upper()}{pattern.of[1:]}: the filters that are left, blue positive, red negative"


def _elements(drawn: _Drawn, x: float, y: float) -> list[str]:
    """Draw the marks of the modules, the name, and the images side by side."""
    marks = drawn.styles[:MOST_MARKS]
    elements = [
        element
        for number, style in enumerate(marks)
        for element in style.badge(x + number * MARK + BADGE_RADIUS, y + BADGE_RADIUS, BADGE_RADIUS)
    ]
    elements.append(svg.text(x + MARK * len(marks) + 4, y + 13, drawn.name, size=NAME_SIZE, color=INK))
    top = y + NAME_HEIGHT + drawn.label_height
    for (name, image), width in zip(drawn.pattern.images.items(), drawn.widths, strict=True):
        if name:
            elements.append(svg.text(x, top - 5, name, size=LABEL_SIZE, color=MUTED))
        elements += _image(image / drawn.largest, x, top, drawn.pitch, drawn.colors)
        x += width + BETWEEN_IMAGES
    return elements


def _image(image: NDArray[np.float32], x: float, y: float, pitch: float, colors: Mapping[int, str]) -> list[str]:
    """Draw values from -1 to 1 in a frame, in the colors of their signs, the more opaque the larger they are."""
    height, width = image.shape
    levels = np.sign(image) * np.ceil(np.abs(image) * LEVELS - 0.5)
    paths = [
        f'<path stroke="{colors[int(np.sign(level))]}" stroke-opacity="{svg.precise(abs(level) / LEVELS)}" '
        f'd="{_runs(levels == level)}"/>'
        for level in np.unique(levels[levels != 0]).tolist()
    ]
    frame = f'<path stroke="{LINE}" stroke-width="{svg.precise(1 / pitch)}" d="M0 0h{width}v{height}h-{width}z"/>'
    place = f"translate({svg.number(x)} {svg.number(y)}) scale({svg.precise(pitch)})"
    return svg.group(f'fill="none" transform="{place}"', [*paths, frame])


def _runs(cells: NDArray[np.bool_]) -> str:
    """Return SVG path data: a line for each horizontal run of cells, one high."""
    rows, ends = np.nonzero(np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1))
    runs = zip(rows[::2].tolist(), ends.reshape(-1, 2).tolist(), strict=True)
    return "".join(f"M{start} {row}.5h{end - start}" for row, (start, end) in runs)
