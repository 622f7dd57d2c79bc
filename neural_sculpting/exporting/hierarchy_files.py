"""A hierarchy as a file for other programs: GraphML, JSON, DOT or SVG."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.hierarchy_picture import HierarchyPicture
from neural_sculpting.views.pictures.large_network import principal_modules
from neural_sculpting.views.pictures.module_styles import module_styles

MARGIN = 20.0
"""Around the picture, in pixels: arrows of modules that use each other pass beside their boxes."""


def write_hierarchy(graph: nx.DiGraph, path: Path, labels: Labels = NUMBERED) -> None:
    """Write a hierarchy in the format that the ending of the file names.

    ``.json`` is networkx's node-link form, ``.graphml`` has the lists of numbers as JSON in its attributes, ``.dot``
    and ``.svg`` are to be looked at. Every module has its letter of the pictures.

    Args:
        graph: found or expected: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.
        path: where it goes; what is there is replaced.
        labels: how inputs and outputs are named, such as ``record.labels``.

    Raises:
        UserError: if the ending is another one.
        OSError: if the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise UserError(f"{path}: a hierarchy is written as {', '.join(FORMATS)}")
    text = FORMATS[path.suffix](graph, labels)
    atomic_write(path, lambda file: file.write_text(text, encoding="utf-8"))


def hierarchy_json(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """The node-link form, which :func:`~neural_sculpting.analysis.graph_from_json` and networkx read."""
    return json.dumps(graph_to_json(_lettered(graph, labels)), indent=2) + "\n"


def hierarchy_graphml(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """GraphML, whose attributes are texts: lists of numbers are written as JSON."""
    texts = _lettered(graph, labels)
    for held in texts.nodes.values():
        held.update({key: json.dumps(value) for key, value in held.items() if not isinstance(value, str)})
    file = BytesIO()
    nx.write_graphml_xml(texts, file, encoding="utf-8", prettyprint=True)
    return file.getvalue().decode("utf-8") + "\n"


def hierarchy_dot(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """The language of Graphviz: a box for each module, named by its letter, inputs and outputs."""
    lines = ["digraph hierarchy {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    for module, held in _lettered(graph, labels).nodes(data=True):
        label = "\\n".join(_dot_text(held[key]) for key in ("letter", "reads", "gives") if held[key])
        lines.append(f'  "{_dot_text(str(module))}" [label="{label}"];')
    lines += [f'  "{_dot_text(str(used))}" -> "{_dot_text(str(using))}";' for used, using in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def hierarchy_svg(graph: nx.DiGraph, labels: Labels = NUMBERED) -> str:
    """The picture that pages and pictures of networks have, on its own; of very many modules the largest."""
    shown = principal_modules(graph) if all("units" in held for _, held in graph.nodes(data=True)) else graph
    styles = {module: style for module, style in module_styles(graph).items() if module in shown}
    picture = HierarchyPicture(shown, styles, labels)
    width, height = picture.smallest_width, picture.smallest_height
    return svg.document(
        width + 2 * MARGIN,
        height + 2 * MARGIN,
        title="Hierarchy of modules",
        description=picture.description,
        elements=picture.elements(svg.Frame(MARGIN, MARGIN, width, height)),
    )


FORMATS: dict[str, Callable[[nx.DiGraph, Labels], str]] = {
    ".json": hierarchy_json,
    ".graphml": hierarchy_graphml,
    ".dot": hierarchy_dot,
    ".svg": hierarchy_svg,
}
"""What writes a file, by its ending."""


def _lettered(graph: nx.DiGraph, labels: Labels) -> nx.DiGraph:
    """A copy whose modules have their letter, and what they hold in words; no character that XML cannot hold."""
    letters = module_letters(graph)
    lettered = nx.DiGraph(graph)
    for module, held in lettered.nodes(data=True):
        words: dict[str, Any] = {
            "letter": letters[module],
            "reads": _printable(labels.inputs(held["inputs"])),
            "gives": _printable(labels.outputs(held["outputs"])),
        }
        held.update(words)
    return lettered


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _dot_text(text: str) -> str:
    """What stands between the quotes of DOT."""
    return _printable(text).replace("\\", "\\\\").replace('"', '\\"')
