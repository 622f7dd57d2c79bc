"""From templates and data to one self-contained file of HTML."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any
from zlib import compress

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from neural_sculpting.views.pictures.colors import style_sheet

FOLDER = Path(__file__).parent
ASSETS = ("page.css", "gallery.js")


def render(template: str, **values: Any) -> str:
    """Fill in a template; texts are escaped, and style sheet and scripts are part of the page.

    Args:
        template: its file in ``templates``.
        **values: what it shows. Markup is only what is marked as such.
    """
    return _environment().get_template(template).render(values)


def packed(data: Any) -> str:
    """Write data as compressed JSON, in letters that can stand anywhere; ``unpacked`` in ``gallery.js`` reads it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return b64encode(compress(text.encode(), level=9)).decode()


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
    environment.filters |= {"packed": packed, "percent": percent}
    environment.globals["colors"] = Markup(style_sheet())
    environment.globals["asset"] = {name: Markup((FOLDER / name).read_text(encoding="utf-8")) for name in ASSETS}
    return environment
