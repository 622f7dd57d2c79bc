"""A map of images whose pixels are the inputs, in the colors of the modules of the pixels."""

from collections.abc import Sequence

import numpy as np

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.scoring.labels import pixel_label
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.blocks import BADGE_RADIUS
from neural_sculpting.views.pictures.colors import MUTED, REMOVED_PIXEL
from neural_sculpting.views.pictures.layers import REMOVED
from neural_sculpting.views.pictures.module_styles import OTHERS, ModuleStyle, Styles

OPACITIES = {"filled": "1", "ring": "0.6", "dashed": "0.35"}
"""Repeated colors of modules are paler, as a pixel has no outline."""

WIDTH = 400.0
LARGEST_PITCH, SMALLEST_PITCH = 12.0, 1.0
GAP = 0.1
"""The share of the distance between two pixels that is empty."""

BETWEEN_IMAGES, BEFORE_LEGEND = 12.0, 20.0
HEADING_SIZE, HEADING_HEIGHT = 13.0, 22.0
LEGEND_WIDTH, LEGEND_LINE, MOST_LEGEND_LINES = 132.0, 23.0, 6


class PixelMap:
    """The pixels of one image, or of several side by side, in the colors of their modules.

    With n pixels in an image, inputs 0 to n - 1 are the first image row by row, inputs n to 2n - 1 the second, and so
    on. `shape` is height and width of one image. Modules without a style are gray, darker than removed pixels.

    Attributes:
        width: including the legend.
        height: including the heading.

    Raises:
        ValueError: if the inputs are not whole images.
    """

    def __init__(self, hierarchy: Hierarchy, shape: tuple[int, int], styles: Styles) -> None:
        modules = hierarchy.modules[0]
        if min(shape) < 1 or len(modules) == 0 or len(modules) % (shape[0] * shape[1]):
            raise ValueError(f"shape: {len(modules)} inputs are not whole images of {shape[0]} x {shape[1]} pixels")
        self.images = modules.reshape(-1, *shape)
        images, rows, columns = self.images.shape
        self.pitch = min(max(round(WIDTH / (images * columns), 1), SMALLEST_PITCH), LARGEST_PITCH)
        self.counts = {module: int(np.count_nonzero(modules == module)) for module in np.unique(modules).tolist()}
        named = [module for module in styles if module in self.counts]
        others = [module for module in self.counts if module != REMOVED and module not in styles]
        self.styles = {module: styles[module] for module in named} | dict.fromkeys(others, OTHERS)
        self.legend_x = images * columns * self.pitch + (images - 1) * BETWEEN_IMAGES + BEFORE_LEGEND
        self.width = self.legend_x + LEGEND_WIDTH
        self.height = HEADING_HEIGHT + max(rows * self.pitch, len(self._legend()) * LEGEND_LINE)

    def label(self, inputs: Sequence[int]) -> str:
        """Count the pixels of a module, on either side where there are two images: "280 left, 12 right pixels"."""
        return pixel_label(inputs, self.images[0].size, len(self.images))

    @property
    def description(self) -> str:
        """The picture in words."""
        counts = ", ".join(f"{style.letter} {self.counts[module]}" for module, style in self.styles.items())
        return f"Input pixels by module: {counts}." if counts else "All input pixels are removed."

    def elements(self, x: float, y: float) -> list[str]:
        """Draw heading, map and legend with their upper left corner at (x, y)."""
        top = y + HEADING_HEIGHT
        looks = {module: (style.color, OPACITIES[style.outline]) for module, style in self.styles.items()}
        if REMOVED in self.counts:
            looks[REMOVED] = (REMOVED_PIXEL, "1")
        paths = [
            f'<path stroke="{color}" stroke-opacity="{opacity}" d="{self._lines(module, x, top)}"/>'
            for module, (color, opacity) in looks.items()
        ]
        size, gap = svg.precise((1 - GAP) * self.pitch), svg.precise(GAP * self.pitch)
        return [
            svg.text(x, y + HEADING_SIZE * 0.8, "Input pixels by module", size=HEADING_SIZE, color=MUTED),
            *svg.group(f'fill="none" stroke-width="{size}" stroke-dasharray="{size} {gap}"', paths),
            *(
                element
                for line, (style, content) in enumerate(self._legend())
                for element in _legend_line(x + self.legend_x, top + (line + 0.5) * LEGEND_LINE, style, content)
            ),
        ]

    def _lines(self, module: int, x: float, y: float) -> str:
        """Return SVG path data: a line for each horizontal run of pixels of a module, whose dashes are the pixels."""
        lines = []
        for index, image in enumerate(self.images):
            left = x + index * (image.shape[1] * self.pitch + BETWEEN_IMAGES)
            inside = np.pad(image == module, ((0, 0), (1, 1))).astype(np.int8)
            rows, ends = np.nonzero(np.diff(inside, axis=1))
            for row, (start, end) in zip(rows[::2].tolist(), ends.reshape(-1, 2).tolist(), strict=True):
                length = (end - start - GAP) * self.pitch
                at = f"M{svg.precise(left + start * self.pitch)} {svg.precise(y + (row + 0.5) * self.pitch)}"
                lines.append(f"{at}h{svg.precise(length)}")
        return "".join(lines)

    def _legend(self) -> list[tuple[ModuleStyle | None, str]]:
        """Return style and text of each line: the modules with the most pixels in reading order, then the rest."""
        most_modules = MOST_LEGEND_LINES - (REMOVED in self.counts)
        most = sorted(self.styles, key=lambda module: -self.counts[module])
        most = most if len(most) <= most_modules else most[: most_modules - 1]
        lines: list[tuple[ModuleStyle | None, str]] = [
            (style, f"{self.counts[module]:,}") for module, style in self.styles.items() if module in most
        ]
        if len(most) < len(self.styles):
            rest = [self.counts[module] for module in self.styles if module not in most]
            lines.append((OTHERS, f"{sum(rest):,} in {len(rest)} more"))
        if REMOVED in self.counts:
            lines.append((None, f"{self.counts[REMOVED]:,} removed"))
        return lines


def _legend_line(x: float, y: float, style: ModuleStyle | None, content: str) -> list[str]:
    """Draw a badge, or the square of removed pixels, with text beside it."""
    middle = x + BADGE_RADIUS
    corner = f'x="{svg.number(middle - 5)}" y="{svg.number(y - 5)}"'
    square = f'<rect {corner} width="10" height="10" fill="{REMOVED_PIXEL}"/>'
    mark = style.badge(middle, y, BADGE_RADIUS) if style else [square]
    return [*mark, svg.text(x + 2 * BADGE_RADIUS + 8, y + HEADING_SIZE * 0.35, content, size=HEADING_SIZE)]
