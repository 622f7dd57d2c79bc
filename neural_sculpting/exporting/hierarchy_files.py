"""A hierarchy as a file for other programs: JSON, GraphML, DOT or SVG."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import networkx as nx

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.views.pictures.drawing import draw_hierarchy


def write_hierarchy(graph: nx.DiGraph, path: Path, labels: Labels = NUMBERED) -> None:
    """Write a hierarchy, found or expected, in the format that the suffix of the file names.

    ``.json`` is networkx's node-link form, ``.graphml`` has lists of numbers as JSON in its attributes, ``.dot`` and
    ``.svg`` are for viewing. Every module has its letter of the pictures. An existing file is replaced.

    Raises:
        UserError: if the suffix is another one.
    """
    if path.suffix not in FORMATS:
        raise UserError(f"{path}: a hierarchy is written as {', '.join(FORMATS)}")
    text = FORMATS[path.suffix](graph, labels)
    atomic_write(path, lambda file: file.write_text(text, encoding="utf-8"))


def _json(graph: nx.DiGraph, labels: Labels) -> str:
    return json.dumps(graph_to_json(_lettered(graph, labels)), indent=2) + "\n"


def _graphml(graph: nx.DiGraph, labels: Labels) -> str:
    """GraphML, with lists of numbers as JSON: its attributes are strings."""
    texts = _lettered(graph, labels)
    for members in texts.nodes.values():
        members.update({key: json.dumps(value) for key, value in members.items() if not isinstance(value, str)})
    file = BytesIO()
    nx.write_graphml_xml(texts, file, encoding="utf-8", prettyprint=True)
    return file.getvalue().decode("utf-8") + "\n"


def _dot(graph: nx.DiGraph, labels: Labels) -> str:
    """Graphviz: a box for each module, named by its letter, inputs and outputs."""

    def quoted(text: str) -> str:
        return _printable(text).replace("\\", "\\\\").replace('"', '\\"')

    lines = ["digraph hierarchy {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    for module, members in _lettered(graph, labels).nodes(data=True):
        label = "\\n".join(quoted(members[key]) for key in ("letter", "reads", "gives") if members[key])
        lines.append(f'  "{quoted(str(module))}" [label="{label}"];')
    lines += [f'  "{quoted(str(used))}" -> "{quoted(str(using))}";' for used, using in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


FORMATS: dict[str, Callable[[nx.DiGraph, Labels], str]] = {
    ".json": _json,
    ".graphml": _graphml,
    ".dot": _dot,
    ".svg": draw_hierarchy,
}
"""The writer of each suffix."""


def _lettered(graph: nx.DiGraph, labels: Labels) -> nx.DiGraph:
    """A copy whose modules have their letter, inputs and outputs as text, without characters that XML forbids."""
    letters = module_letters(graph)
    lettered = nx.DiGraph(graph)
    for module, members in lettered.nodes(data=True):
        reads, gives = labels.inputs(members["inputs"]), labels.outputs(members["outputs"])
        members.update({"letter": letters[module], "reads": _printable(reads), "gives": _printable(gives)})
    return lettered


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
