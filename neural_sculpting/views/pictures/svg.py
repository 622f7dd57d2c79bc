"""SVG as text: numbers, lines of text, shapes and documents.

A sweep may have thousands of pictures; written by hand, one takes milliseconds.
Nothing here uses ids, scripts or style sheets that concern others, so that many pictures can share a web page.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from neural_sculpting.views.pictures.colors import INK, LINE, PAPER

FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
CHARACTER_WIDTH = 0.6
"""Mean width of a character as a share of the font size, on the wide side for sans-serif fonts."""

SMALLEST_TEXT = 10.0
"""No text is smaller on a screen, in pixels: pictures that are wider then scroll."""

BREAKS = (", ", "=", " ", "_", "-")
"""Where a line of text may break, the best first: after a name, after that of a column, between words."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Frame:
    """A rectangle to draw into, in pixels."""

    x: float
    y: float
    width: float
    height: float


def number(value: float, decimals: int = 1) -> str:
    """Format a number with at most that many decimals."""
    text = f"{value:.{decimals}f}".rstrip("0").removesuffix(".")
    return "0" if text == "-0" else text


def precise(value: float) -> str:
    """Format a small number with at most two decimals."""
    return number(value, 2)


def curve(x: float, y: float, to_x: float, to_y: float, bend: float) -> str:
    """Continue a path from (x, y) with a Bézier curve that leaves and arrives horizontally.

    The control points are at the share `bend` of the horizontal distance from either end.
    """
    reach = (to_x - x) * bend
    return "C" + " ".join(map(number, (x + reach, y, to_x - reach, to_y, to_x, to_y)))


def circle(x: float, y: float, radius: float, attributes: str = "") -> str:
    """Draw a circle around (x, y)."""
    look = f" {attributes}" if attributes else ""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{precise(radius)}"{look}/>'


def box(x: float, y: float, width: float, height: float, *, radius: float, color: str, stroke: float) -> list[str]:
    """Draw a rounded box, tinted in the color of its outline, with its upper left corner at (x, y)."""
    size = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" rx="{number(radius)}"'
    return [
        f'<rect {size} fill="{PAPER}"/>',
        f'<rect {size} fill="{color}" fill-opacity="0.1" stroke="{color}" stroke-width="{number(stroke)}"/>',
    ]


def text_width(content: str, size: float) -> float:
    """Estimate the width of a line of text in pixels."""
    return len(content) * size * CHARACTER_WIDTH


def shortened(content: str, size: float, width: float) -> str:
    """Replace the middle of a line of text by an ellipsis if it is wider than `width` pixels: names differ at the ends.

    Of ``column=value`` the value stays whole if it has room.
    """
    limit = _characters(size, width)
    if len(content) <= limit:
        return content
    value, half = len(content) - content.rfind("="), (limit - 1) // 2
    last = value if "=" in content and half < value <= 2 * limit // 3 else half
    return f"{content[: limit - 1 - last].rstrip()}…{content[len(content) - last :].lstrip()}"


def wrapped(content: str, size: float, width: float) -> list[str]:
    """Break a line of text that is wider than `width` pixels; a word that is too long is shortened."""
    return [line.rstrip() for line in _wrapped(content, size, width, BREAKS)]


def _wrapped(content: str, size: float, width: float, breaks: Sequence[str]) -> list[str]:
    limit = _characters(size, width)
    if len(content.rstrip()) <= limit:
        return [content]
    if not breaks:
        return [shortened(content, size, width)]
    lines = [""]
    for part in filter(None, re.split(f"(?<={breaks[0]})", content)):
        if len((lines[-1] + part).rstrip()) <= limit:
            lines[-1] += part
        else:
            lines += _wrapped(part, size, width, breaks[1:])
    return list(filter(None, lines))


def _characters(size: float, width: float) -> int:
    return max(int(width / (size * CHARACTER_WIDTH)), 1)


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float,
    color: str = INK,
    anchor: Anchor = "start",
    weight: int = 400,
    within: float = math.inf,
) -> str:
    """Write one line of text, escaped, with its baseline at y.

    Text that is wider than `within` pixels is shortened, with the whole of it as a tooltip.
    """
    look = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{color}"'
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weighted = "" if weight == 400 else f' font-weight="{weight}"'
    line = content if within == math.inf else shortened(content, size, within)
    whole = "" if line == content else tooltip(content)
    return f"<text {look}{aligned}{weighted}>{_visible(line)}{whole}</text>"


def tooltip(content: str) -> str:
    """Write what browsers show when the pointer rests on the element around it."""
    return f"<title>{_visible(content)}</title>"


def group(attributes: str, elements: Iterable[str]) -> list[str]:
    """Group elements that share attributes; empty if there are no elements."""
    inner = list(elements)
    return [f"<g {attributes}>", *inner, "</g>"] if inner else []


def document(width: float, height: float, *, title: str, description: str, elements: Iterable[str]) -> str:
    """Make an SVG document with a background.

    In a page, a notebook or another program it has its own size. Opened by itself in a browser it fills the window, or
    scrolls where its text would be too small; the rule for this concerns no other document that it is part of.

    Args:
        width: in pixels.
        height: in pixels.
        title: read aloud by screen readers and shown as a tooltip.
        description: read aloud by screen readers.
        elements: the elements of the picture.
    """
    elements = list(elements)
    share = _readable_share(elements)
    smallest = f"min-width:{math.ceil(share * width)}px;min-height:{math.ceil(share * height)}px"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" height="{number(height)}" '
            f'viewBox="0 0 {number(width)} {number(height)}" role="img" font-family="{FONTS}">',
            tooltip(title),
            f"<desc>{_visible(description)}</desc>",
            f"<style>@media screen{{svg:root{{width:100%;height:100%;{smallest}}}}}</style>",
            f'<rect x="0.5" y="0.5" width="{number(width - 1)}" height="{number(height - 1)}" rx="12" '
            f'fill="{PAPER}" stroke="{LINE}"/>',
            *elements,
            "</svg>\n",
        ]
    )


def inline(
    width: float, height: float, *, attributes: str, description: str, elements: Iterable[str], style: str = ""
) -> str:
    """Make an SVG element of a web page, without a background, never so small that its text cannot be read."""
    elements = list(elements)
    smallest = math.ceil(_readable_share([attributes, *elements]) * width)
    label = f'role="img" aria-label="{escape(description)}" viewBox="0 0 {number(width)} {number(height)}"'
    return f'<svg {attributes} style="min-width:{smallest}px;{style}" {label}>{"".join(elements)}</svg>'


def _readable_share(elements: Iterable[str]) -> float:
    """Return how far a picture may shrink: until its smallest text is `SMALLEST_TEXT` high."""
    sizes = (float(size) for element in elements for size in re.findall(r'font-size="([\d.]+)"', element))
    smallest = min(sizes, default=math.inf)
    return min(SMALLEST_TEXT / smallest, 1.0)


def _visible(content: str) -> str:
    """Escape text and replace characters that XML forbids: control characters and lone surrogates."""
    allowed = (character if character.isprintable() else " " for character in content)
    return escape("".join(allowed), quote=False)
