"""SVG as text: numbers, lines of text, shapes and documents.

A sweep may have thousands of pictures; written by hand, one takes milliseconds.
Nothing here uses ids, style sheets or scripts, so that many pictures can share a web page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

from neural_sculpting.views.pictures.colors import INK, LINE, PAPER

FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
CHARACTER_WIDTH = 0.6
"""Mean width of a character as a share of the font size, on the wide side for sans-serif fonts."""

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
    """Cut a line of text with an ellipsis if it is wider than `width` pixels."""
    limit = max(int(width / (size * CHARACTER_WIDTH)), 1)
    return content if len(content) <= limit else content[: limit - 1].rstrip() + "…"


def text(
    x: float, y: float, content: str, *, size: float, color: str = INK, anchor: Anchor = "start", weight: int = 400
) -> str:
    """Write one line of text, escaped, with its baseline at y."""
    look = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{color}"'
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weighted = "" if weight == 400 else f' font-weight="{weight}"'
    return f"<text {look}{aligned}{weighted}>{_visible(content)}</text>"


def group(attributes: str, elements: Iterable[str]) -> list[str]:
    """Group elements that share attributes; empty if there are no elements."""
    inner = list(elements)
    return [f"<g {attributes}>", *inner, "</g>"] if inner else []


def document(
    width: float, height: float, *, title: str, description: str, elements: Iterable[str], fixed_size: bool = False
) -> str:
    """Make an SVG document with a background.

    Args:
        width: in pixels.
        height: in pixels.
        title: read aloud by screen readers and shown as a tooltip.
        description: read aloud by screen readers.
        elements: the elements of the picture.
        fixed_size: do not scale, as in a notebook, which would stretch the picture to the full width.
    """
    size = f'width="{number(width)}" height="{number(height)}" ' if fixed_size else ""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}viewBox="0 0 {number(width)} {number(height)}" role="img" '
            f'font-family="{FONTS}">',
            f"<title>{_visible(title)}</title>",
            f"<desc>{_visible(description)}</desc>",
            f'<rect x="0.5" y="0.5" width="{number(width - 1)}" height="{number(height - 1)}" rx="12" '
            f'fill="{PAPER}" stroke="{LINE}"/>',
            *elements,
            "</svg>\n",
        ]
    )


def inline(width: float, height: float, *, attributes: str, description: str, elements: Iterable[str]) -> str:
    """Make an SVG element of a web page, without a background."""
    label = f'role="img" aria-label="{escape(description)}" viewBox="0 0 {number(width)} {number(height)}"'
    return f"<svg {attributes} {label}>{''.join(elements)}</svg>"


def _visible(content: str) -> str:
    """Escape text and replace characters that XML forbids: control characters and lone surrogates."""
    allowed = (character if character.isprintable() else " " for character in content)
    return escape("".join(allowed), quote=False)
