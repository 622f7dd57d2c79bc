"""The types of what ``group.json`` and ``hierarchies.json`` contain; files may be damaged, or edited by hand."""

import json
from typing import Annotated, Any, Literal

import networkx as nx
from pydantic import BaseModel, Field, StrictBool, TypeAdapter, ValidationError

from neural_sculpting.analysis import graph_from_json
from neural_sculpting.tasks.tables.codebook import ColumnCode

Index = Annotated[int, Field(ge=0)]
Names = list[str]


class About(BaseModel):
    """What views read of ``group.json``, apart from the configuration."""

    jobs: Annotated[list[Index], Field(min_length=1)]
    layers: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2)]
    seconds: float
    image_shape: tuple[int, int] | None
    details: Names
    input_names: Names
    output_names: Names
    input_encoding: list[ColumnCode]
    output_encoding: list[ColumnCode]
    inputs_are_bits: StrictBool
    outputs_are_bits: StrictBool
    one_hot_inputs: list[Index]
    one_hot: list[Index]
    set_sizes: list[Index]
    examples_sha256: str | None = None
    engine: str
    inputs_may_go: StrictBool
    neural_sculpting: str
    git_commit: str | None
    python: str
    libraries: dict[str, str]
    machine: str


class Node(BaseModel):
    """A module of a stored graph."""

    id: str | int
    inputs: list[Index]
    outputs: list[Index]


class Edge(BaseModel):
    """One module uses another."""

    source: str | int
    target: str | int


class Stored(BaseModel):
    """A graph of modules as :func:`~neural_sculpting.analysis.graph_to_json` describes it."""

    directed: Literal[True]
    multigraph: bool
    graph: dict[str, Any]
    nodes: list[Node]
    edges: list[Edge]


def check_about(about: Any) -> None:
    """Raise a ValueError that names the first key of ``group.json`` with a value of another type or length."""
    _check(About, about, "group.json")
    for kind, size in (("input", about["layers"][0]), ("output", about["layers"][-1])):
        names = about[f"{kind}_names"]
        if names and len(names) != size:
            raise ValueError(f"group.json: {kind}_names: {len(names)} for {size} {kind}s")
        encoding = stored_encoding(about[f"{kind}_encoding"])
        if encoding and (units := sum(len(column.unit_names) for column in encoding)) != size:
            raise ValueError(f"group.json: {kind}_encoding: {units} units for {size} {kind}s")


def stored_encoding(data: Any) -> tuple[ColumnCode, ...]:
    """Restore how columns became units."""
    return TypeAdapter(tuple[ColumnCode, ...]).validate_python(data)


def stored_graph(data: Any, layers: list[int], where: str) -> nx.DiGraph:
    """Restore a graph of modules; raise a ValueError that names the first key that does not fit the layers."""
    _check(Stored, data, where)
    modules = {node["id"] for node in data["nodes"]}
    for node in data["nodes"]:
        for kind, size in (("inputs", layers[0]), ("outputs", layers[-1])):
            if max(node[kind], default=0) >= size:
                raise ValueError(f"{where}: {kind} of module {node['id']}: {max(node[kind])} of {size}")
    if unknown := [edge for edge in data["edges"] if not {edge["source"], edge["target"]} <= modules]:
        raise ValueError(f"{where}: edges: {unknown[0]['source']} to {unknown[0]['target']} is no pair of modules")
    return graph_from_json(data)


def _check(kind: type[BaseModel], data: Any, where: str) -> None:
    try:
        kind.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
