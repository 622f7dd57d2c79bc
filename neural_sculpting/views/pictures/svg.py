"""Small pieces of SVG text: numbers, text, boxes and whole documents.

Pictures are written by hand because a sweep may ask for thousands: a picture costs milliseconds this way.
Nothing here uses ids, style sheets or scripts, so that many pictures can be put into one web page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

BACKGROUND = "#ffffff"
BORDER = "#e1e5ea"
FAINT = "#b9c1cb"
MUTED = "#5f6b7a"
INK = "#1d2733"

FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
CHARACTER_WIDTH = 0.6
"""Mean width of a character as a share of the font size, on the wide side for sans-serif fonts."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Frame:
    """The part of a picture that something may fill, in pixels."""

    x: float
    y: float
    width: float
    height: float


def number(value: float) -> str:
    """Formats a coordinate with one decimal at most."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def precise(value: float) -> str:
    """Formats a small number with two decimals at most."""
    return f"{value:.2f}".rstrip("0").removesuffix(".")


def text_width(content: str, size: float) -> float:
    """Estimates the width of a line of text in pixels."""
    return len(content) * size * CHARACTER_WIDTH


def shortened(content: str, size: float, width: float) -> str:
    """Cuts a line of text that would be wider than the given pixels and marks the cut with an ellipsis."""
    limit = max(int(width / (size * CHARACTER_WIDTH)), 1)
    return content if len(content) <= limit else content[: limit - 1].rstrip() + "…"


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float,
    color: str = INK,
    anchor: Anchor = "start",
    weight: int = 400,
) -> str:
    """Writes one line of text with its baseline at y; the content is escaped."""
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{color}"'
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weighted = "" if weight == 400 else f' font-weight="{weight}"'
    return f"<text {place}{aligned}{weighted}>{_visible(content)}</text>"


def group(attributes: str, elements: Iterable[str]) -> list[str]:
    """Puts elements into a group that shares attributes; nothing where there are no elements."""
    inner = list(elements)
    return [f"<g {attributes}>", *inner, "</g>"] if inner else []


def document(width: float, height: float, *, title: str, description: str, elements: Iterable[str]) -> str:
    """Makes a complete SVG document with its own background, readable on light and on dark pages.

    Args:
        width: Width in pixels.
        height: Height in pixels.
        title: Read aloud by screen readers and shown as a tooltip.
        description: What there is to see, in words.
        elements: The elements of the picture, as text.

    Returns:
        The document, ending with a newline.
    """
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}">',
            f"<title>{_visible(title)}</title>",
            f"<desc>{_visible(description)}</desc>",
            f'<rect x="0.5" y="0.5" width="{number(width - 1)}" height="{number(height - 1)}" rx="12" '
            f'fill="{BACKGROUND}" stroke="{BORDER}"/>',
            *elements,
            "</svg>\n",
        ]
    )


def _visible(content: str) -> str:
    """Escapes text and replaces what XML cannot hold: control characters and lone surrogates."""
    allowed = (character if character.isprintable() else " " for character in content)
    return escape("".join(allowed), quote=False)
