"""Write pages: one self-contained file of HTML each, from a template and data."""

import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any
from zlib import compress

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import neural_sculpting
from neural_sculpting.files import atomic_write
from neural_sculpting.views.pictures.colors import style_sheet

FOLDER = Path(__file__).parent
ASSETS = ("page.css", "gallery.js")


def write_page(path: Path, template: str, **values: Any) -> Path:
    """Fill in a file of ``templates`` and write the page atomically; values are escaped unless they are markup."""
    text = _environment().get_template(template).render(values)
    atomic_write(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def packed(data: Any) -> str:
    """Encode data as compressed JSON that is safe in a page; ``unpacked`` in ``gallery.js`` decodes it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return b64encode(compress(text.encode(), level=9)).decode()


def percent(share: float) -> str:
    """Format a share as a percentage, small ones with up to two decimals."""
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
    environment.globals["version"] = neural_sculpting.__version__
    return environment
