"""From templates and data to one self-contained file of HTML."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent
ASSETS = ("page.css", "drawing.js", "gallery.js")

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render(template: str, **values: Any) -> str:
    """Fill in a template; texts are escaped, and style sheet and scripts are part of the page.

    Args:
        template: its file in ``templates``.
        **values: what it shows. Markup is only what is marked as such.
    """
    return _environment().get_template(template).render(values)


def as_json(data: Any) -> Markup:
    """Write data so that it can stand inside an element ``script``, whatever texts it holds."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Markup(text.translate(_ESCAPES))


def percent(share: float) -> str:
    """A share as a percentage: two decimals where one would say little."""
    if share >= 0.995 or share == 0:
        return f"{share:.0%}".replace("%", "\u00a0%")
    decimals = 0 if share >= 0.1 else 1 if share >= 0.01 else 2
    return f"{100 * share:.{decimals}f}\u00a0%"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"json": as_json, "percent": percent}
    environment.globals["asset"] = {name: Markup((FOLDER / name).read_text(encoding="utf-8")) for name in ASSETS}
    return environment
