"""The files of a group: its record, written and read. No pickle: what is loaded runs no code.

A group's folder has ``group.json``, ``networks.parquet``, ``trials.parquet``, ``history.parquet``,
``arrays.safetensors``, ``hierarchies.json`` and, if the reader gave evidence, ``evidence.json``; with ``nulls=full``
also ``nulls.parquet``.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.analysis.readers import Reading
from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError, on_one_line, read_json, unreadable, writing
from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.architectures import architecture_of
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.matrices import Shapes
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.ceilings import ceiling_from_json, ceiling_to_json
from neural_sculpting.records.newer_columns import with_newer_columns
from neural_sculpting.records.provenance import provenance
from neural_sculpting.records.record import GroupRecord, to_keep
from neural_sculpting.records.stored_types import check_about, stored_encoding, stored_graph

FORMAT_VERSION = 3

ROWS = {"networks": ("job", "seed"), "trials": ("job", "seed", "network"), "history": ("seed", "attempt")}
"""The tables of a group, and columns of whole numbers that each of them must have."""

FILES = ("group.json", *(f"{name}.parquet" for name in ROWS), "arrays.safetensors", "hierarchies.json")

EVIDENCE = "evidence.json"
"""What a reader gave beside hierarchies; a group whose reader gave nothing, and older groups, lack it."""

NULLS = "nulls.parquet"
"""What networks found that learned permuted labels; most groups lack it."""

PLAIN = (
    *("seconds", "image_shape", "details", "input_names", "output_names"),
    *("inputs_are_bits", "outputs_are_bits", "one_hot_inputs", "one_hot", "set_sizes", "examples_sha256", "engine"),
)
"""Attributes of a record that ``group.json`` contains under the same name."""

ENCODINGS = ("input_encoding", "output_encoding")

EXAMPLES = ("example_rows", "example_targets")
"""Arrays that a group may lack; those of earlier versions have no targets."""

NEWER = {
    "engine": "torch",
    "ceiling": None,
    "start": None,
    **dict.fromkeys(("one_hot_inputs", "one_hot", "set_sizes", *ENCODINGS), ()),
}
"""Those that older groups lack."""

NEWER_TRAINING = {"class_weights": None, "dense_rounds": 1, "pruning_lr": None}
_OF_BOTH: dict[str, Any] = {"limit": None, "schedule": "linear", "slack": 0.0, "halvings": None}
NEWER_PRUNING: dict[str, Any] = {"standard_errors": 0.0, "phases": ("unit", "edge"), "reopen": None, "variants": None}
NEWER_PHASES = {"unit": _OF_BOTH, "edge": {**_OF_BOTH, "order": "together", "tail": 0, "groups": False}}
"""Keys that the configurations of older groups lack: of training, of pruning and of its phases."""


def write_group(record: GroupRecord, path: Path, final: Path | None = None) -> None:
    """Write a record into an existing folder; a WriteError names the file by the ``final`` path of the folder."""
    about = {
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "jobs": sorted(int(job) for job in record.trials["job"].unique()),
        "layers": record.layout.layers,
        **({"shapes": asdict(shapes)} if (shapes := getattr(record.layout, "task", None)) else {}),
        **{name: getattr(record, name) for name in PLAIN},
        **{name: [column.to_json() for column in getattr(record, name)] for name in ENCODINGS},
        "expected": graph_to_json(record.expected) if record.expected is not None else None,
        "start": graph_to_json(record.start) if record.start is not None else None,
        "ceiling": ceiling_to_json(record.ceiling),
        "inputs_may_go": record.ignore_pruned_inputs,
        "config": record.config.model_dump(mode="json"),
        **provenance(),
    }
    packed = to_keep(record.packed, record.selected)
    arrays: dict[str, NDArray[Any]] = {"masks": packed.masks, "values": packed.values, "counts": packed.counts}
    for name in EXAMPLES:
        if (rows := getattr(record, name)) is not None:
            arrays[name] = rows
    metadata = {"layers": "-".join(map(str, record.layout.layers))}
    graphs = [graph_to_json(graph) if graph is not None else None for graph in record.graphs]
    files: dict[str, Callable[[Path], Any]] = {
        **{f"{name}.parquet": partial(getattr(record, name).to_parquet, index=False) for name in ROWS},
        # Bytes: save_file() gives its file a mode of its own and hides why it fails.
        "arrays.safetensors": lambda file: file.write_bytes(save(arrays, metadata=metadata)),
        "hierarchies.json": lambda file: file.write_text(json.dumps(graphs) + "\n", encoding="utf-8"),
        **({EVIDENCE: lambda file: _write_evidence(file, record.readings)} if record.readings else {}),
        **({NULLS: partial(record.nulls.to_parquet, index=False)} if len(record.nulls) else {}),
        # Last: a folder that has it is complete.
        "group.json": lambda file: file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8"),
    }
    for name, write in files.items():
        with writing((final or path) / name):
            write(path / name)


def read_about(path: Path) -> dict[str, Any]:
    """Read ``group.json`` of a group: how it was made, and with what."""
    about: dict[str, Any] = read_json(path / "group.json")
    return about


def load_group(path: Path) -> GroupRecord:
    """Load one group.

    Raises:
        UserError: if it is of another format or incomplete, or may not be read.
    """
    try:
        for name in FILES:
            with open(path / name, "rb"):  # libraries report a lack of permission in various words
                pass
        about = read_about(path)
        if about["format_version"] != FORMAT_VERSION:
            raise UserError(f"{path}: has format {about['format_version']}; this version reads {FORMAT_VERSION}")
        rows = {name: _read_rows(path / f"{name}.parquet", columns) for name, columns in ROWS.items()}
        arrays = load_file(path / "arrays.safetensors")
        stored = read_json(path / "hierarchies.json")
        about = {**NEWER, **about}
        check_about(about)
        layers = about["layers"]
        graphs = [
            stored_graph(graph, layers, f"hierarchies.json: {number}") if graph is not None else None
            for number, graph in enumerate(stored)
        ]
        record = _record(about, rows, arrays, graphs, _read_evidence(path / EVIDENCE, graphs, layers))
        return replace(record, nulls=_read_nulls(path / NULLS))
    except PermissionError as error:
        raise unreadable(error) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        problem = on_one_line(error)
        raise UserError(
            f"{path}: not a complete group of a sweep ({type(error).__name__}: {problem}); without this folder the "
            "rest can be read, and resume=true computes it again"
        ) from error


def _read_rows(file: Path, whole_numbers: Sequence[str]) -> pd.DataFrame:
    """Read a table and check that it has these columns of whole numbers."""
    table = pd.read_parquet(file)
    for column in whole_numbers:
        if column not in table or not pd.api.types.is_integer_dtype(table[column]):
            raise ValueError(f"{file.name} has no whole numbers in a column {column}")
        if (table[column] < 0).any():
            raise ValueError(f"{file.name} has {table[column].min()} in column {column}, which must be 0 or more")
    return table


def _read_nulls(file: Path) -> pd.DataFrame:
    """Read what networks with permuted labels found; nothing where there is no such file."""
    if not file.exists():
        return pd.DataFrame()
    table = _read_rows(file, ("permutation",))
    for text in table[["seed", "status", "hierarchy"]]["hierarchy"]:
        json.loads(text or "null")
    return table


def _write_evidence(file: Path, readings: Sequence[Reading | None]) -> None:
    """Write the evidence of each network, null where its analysis failed."""
    found = [
        {
            "evidence": reading.evidence,
            "alternatives": [graph_to_json(graph) for graph in reading.alternatives],
            "undetermined": reading.undetermined,
        }
        if reading is not None
        else None
        for reading in readings
    ]
    file.write_text(json.dumps(found) + "\n", encoding="utf-8")


def _read_evidence(file: Path, graphs: Sequence[nx.DiGraph | None], layers: list[int]) -> list[Reading | None]:
    """Read the evidence beside the hierarchies; nothing where there is no such file."""
    if not file.exists():
        return []
    readings: list[Reading | None] = []
    for number, (graph, found) in enumerate(zip(graphs, read_json(file), strict=True)):
        if (graph is None) != (found is None):
            raise ValueError(f"{file.name}: {number}: does not fit hierarchies.json")
        if graph is None:
            readings.append(None)
            continue
        where = f"{file.name}: {number}: alternatives"
        alternatives = tuple(stored_graph(each, layers, where) for each in found["alternatives"])
        undetermined = tuple(map(str, found["undetermined"]))
        readings.append(Reading(graph, dict(found["evidence"]), alternatives, undetermined))
    return readings


def _with_newer_keys(config: dict[str, Any]) -> dict[str, Any]:
    """Add the keys that a configuration did not have when an older group was stored."""
    training, trainer = {**NEWER_TRAINING, **config["training"]}, {"engine": "torch", **config["trainer"]}
    analysis = {"reader": "paper", **config["analysis"]}
    later = {"tags": (), "nulls": "rewired", "objective": "success", "picture_weights": False}
    pruning = {**NEWER_PRUNING, **config["pruning"]}
    for way in (pruning, *(pruning["variants"] or ())):
        way |= {phase: {**keys, **way[phase]} for phase, keys in NEWER_PHASES.items()}
    found = {"training": training, "pruning": pruning, "trainer": trainer, "analysis": analysis}
    return {**later, **config, **found}


def _expected(about: dict[str, Any]) -> nx.DiGraph | None:
    if about["expected"] is None:
        return None
    expected = stored_graph(about["expected"], about["layers"], "group.json: expected")
    if not expected:
        raise ValueError("group.json: expected: has no nodes")
    return expected


def as_tuples(value: Any) -> Any:
    """Turn lists, and those in them, into tuples."""
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def _record(
    about: dict[str, Any],
    rows: dict[str, pd.DataFrame],
    arrays: dict[str, NDArray[Any]],
    graphs: list[nx.DiGraph | None],
    readings: list[Reading | None],
) -> GroupRecord:
    """Put the content of the files together; a ValueError says that it does not fit."""
    counts = arrays["counts"]
    if "selected" in arrays:  # older groups have those of the selected networks alone
        counts = np.zeros(len(arrays["masks"]), dtype=np.int64)
        counts[arrays["selected"]] = arrays["counts"]
    plain: dict[str, Any] = {
        name: tuple(about[name]) if isinstance(about[name], list) else about[name] for name in PLAIN
    }
    plain |= {name: stored_encoding(about[name]) for name in ENCODINGS}
    config = Config.model_validate(_with_newer_keys(about["config"]))
    layout: Architecture = Layout(tuple(about["layers"]))
    if "shapes" in about:
        layout = architecture_of(
            config.arch, Shapes(**{name: as_tuples(each) for name, each in about["shapes"].items()})
        )
    record = GroupRecord(
        config=config,
        **rows,
        packed=PackedNetworks(layout, arrays["masks"], arrays["values"], counts),
        graphs=graphs,
        readings=readings,
        expected=_expected(about),
        start=None if about["start"] is None else stored_graph(about["start"], about["layers"], "group.json: start"),
        ignore_pruned_inputs=about["inputs_may_go"],
        example_rows=arrays.get("example_rows"),
        example_targets=arrays.get("example_targets"),
        ceiling=ceiling_from_json(about["ceiling"], about["layers"]),
        about=about,
        **plain,
    )
    lengths = {len(record.networks), len(record.packed), len(record.graphs)}
    if len(lengths) > 1 or not np.array_equal(arrays.get("selected", record.selected), record.selected):
        raise ValueError("its arrays do not fit its rows")
    return with_newer_columns(record)
