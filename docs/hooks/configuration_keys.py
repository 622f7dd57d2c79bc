"""The page of all configuration keys, made when the site is built.

Allowed values come from the descriptions in ``neural_sculpting/config/schemas.py``, defaults and their comments from
the files in ``conf/``: there is no second place that could fall behind.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from neural_sculpting.config.schemas import Config
from neural_sculpting.tasks import registry
from neural_sculpting.tasks.sampling import OPTIONS

CONF = Path(__file__).parents[2] / "conf"
MARKER = "<!-- every key of the configuration -->"
MAIN_FILES = {
    "arch": "mlp",
    "training": "paper",
    "pruning": "default",
    "analysis": "modules",
    "trainer": "default",
    "logger": "csv",
}
"""The file of each group that is chosen where none is named."""

Row = tuple[str, str, str, str]
"""A key, its default, what it may be, and what it does."""

FAR_RIGHT = 8
"""Columns of indentation from which a comment goes on with that of the line above it."""

LINE = re.compile(r"^(?P<indent> *)(?P<key>\w+):(?P<value>[^#]*)(?:#(?P<comment>.*))?$")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the tables where a page has the marker; MkDocs calls this for each page."""
    return markdown.replace(MARKER, "\n".join(sections())) if MARKER in markdown else markdown


def sections() -> Iterator[str]:
    """The lines of the page: a table for each group of keys, and one for each task."""
    yield from table("The trial and its results", "conf/config.yaml", top_level_rows())
    for group, file in MAIN_FILES.items():
        path = CONF / group / f"{file}.yaml"
        yield from table(f"`{group}`", f"conf/{group}/{file}.yaml", group_rows(group, path), introduction(path))
        yield from alternatives(group, file)
    yield "## `task`\n"
    path = CONF / "task" / "sampling" / "complete.yaml"
    yield f"{introduction(path)}\n"
    described = commented(path)
    yield from rows_as_markdown((f"task.{k}", described[k][0], str(may), described[k][1]) for k, may in OPTIONS.items())
    yield "What each task is, with its parameters.\n"
    for path in sorted((CONF / "task").glob("*.yaml")):
        yield from task_lines(path)


def top_level_rows() -> Iterator[Row]:
    """Rows of the keys that belong to no group."""
    described = commented(CONF / "config.yaml")
    for key, field in Config.model_fields.items():
        if key in described and key not in MAIN_FILES:
            default, comment = described[key]
            yield key, default, field.description or "", comment


def group_rows(group: str, path: Path) -> Iterator[Row]:
    """Rows of the keys of a group; what its main file says nothing of, another file of the group may describe."""
    described = commented(path)
    others = [commented(other) for other in sorted(path.parent.rglob("*.yaml")) if other != path]
    for key, field in leaves(Config.model_fields[group].annotation):
        default, comment = described.get(key) or next((other[key] for other in others if key in other), ("", ""))
        elsewhere = (other[key][1] for other in others if key in other)
        yield f"{group}.{key}", default, field.description or "", comment or next(filter(None, elsewhere), "")


def leaves(model: Any, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a model and of the models in it, with dotted keys."""
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", field


def commented(path: Path) -> dict[str, tuple[str, str]]:
    """The keys of a file of the configuration, dotted, each with its default and the comment on it.

    A comment stands behind the value and goes on below it, far to the right; or it is a block above one key or several.
    The block at the top of the file of a group speaks of the file, not of its first key: :func:`introduction`.
    """
    found: dict[str, tuple[str, str]] = {}
    parents: list[str] = []
    above, last, fresh = "", "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        indent, text = len(line) - len(line.lstrip()), line.strip()
        if text.startswith("#") and indent > FAR_RIGHT:
            default, comment = found[last]
            found[last] = (default, f"{comment} {text.lstrip('# ')}")
        elif text.startswith("# @package"):
            continue
        elif text.startswith("#"):
            above = f"{above} {text.lstrip('# ')}".strip() if fresh else text.lstrip("# ")
            fresh = True
        elif (match := LINE.match(line)) is not None:
            parents[len(match["indent"]) // 2 :] = [match["key"]]
            last = ".".join(parents)
            shared = "" if above == introduction(path) else above
            found[last] = (match["value"].strip(), (match["comment"] or shared).strip())
            fresh = False
        elif not text:
            above = ""
    return found


def introduction(path: Path) -> str:
    """The comment at the top of a file, which says what the file is for."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = takewhile(lambda line: line.startswith("#"), lines)
    return " ".join(line.lstrip("# ") for line in comments if not line.startswith("# @package"))


def table(title: str, file: str, rows: Iterator[Row], opening: str = "") -> Iterator[str]:
    """A heading and a table."""
    yield f"## {title}\n"
    if opening:
        yield f"{opening}\n"
    yield f"Defaults stand in `{file}`.\n"
    yield from rows_as_markdown(rows)


def rows_as_markdown(rows: Iterator[Row]) -> Iterator[str]:
    """A table; texts cannot break out of their cells."""
    yield "| key | default | may be | what it does |"
    yield "|---|---|---|---|"
    for key, default, values, comment in rows:
        yield f"| `{key}` | `{default}` | {_cell(values)} | {_cell(comment)} |"
    yield ""


def _cell(text: str) -> str:
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))


def alternatives(group: str, main: str) -> Iterator[str]:
    """The other files of a group, which are chosen by ``group=name``, and those of groups inside it."""
    for path in sorted((CONF / group).rglob("*.yaml")):
        if path != CONF / group / f"{main}.yaml":
            yield f"`{path.parent.relative_to(CONF)}={path.stem}`: {introduction(path)}\n"


def task_lines(path: Path) -> Iterator[str]:
    """What a task is, its parameters, and which options of other groups it suggests."""
    yield f"### `task={path.stem}`\n"
    yield f"{introduction(path)}\n"
    described = commented(path)
    prefix = "task." if "task" in described else ""
    allowed = registry.find_family(path.stem).allowed
    if allowed:
        rows = ((f"task.{key}", *described[prefix + key], str(values)) for key, values in allowed.items())
        yield from rows_as_markdown((key, default, values, comment) for key, default, comment, values in rows)
    if suggested := re.findall(r"- override /(\S+): (\S+)", path.read_text(encoding="utf-8")):
        yield f"It suggests {', '.join(f'`{group}={option}`' for group, option in suggested)}.\n"
