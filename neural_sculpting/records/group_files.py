"""The files of a group: its record, written and read. No pickle: what is loaded runs no code.

A group's folder has ``group.json``, ``networks.parquet``, ``trials.parquet``, ``history.parquet``,
``arrays.safetensors`` and ``hierarchies.json``.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from neural_sculpting.analysis import graph_from_json, graph_to_json
from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError, on_one_line, read_json
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.records.provenance import provenance
from neural_sculpting.records.record import GroupRecord

FORMAT_VERSION = 3

ROWS = {"networks": ("job", "seed"), "trials": ("job", "seed", "network"), "history": ("seed", "attempt")}
"""The tables of a group, and columns by which their rows are found."""


def write_group(record: GroupRecord, path: Path) -> None:
    """Write a record into an existing folder."""
    about = {
        "format_version": FORMAT_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "jobs": sorted(int(job) for job in record.trials["job"].unique()),
        "seconds": record.seconds,
        "layers": record.layout.layers,
        "image_shape": record.image_shape,
        "details": record.details,
        "expected": graph_to_json(record.expected) if record.expected is not None else None,
        "inputs_may_go": record.ignore_pruned_inputs,
        "input_names": record.input_names,
        "output_names": record.output_names,
        "inputs_are_bits": record.inputs_are_bits,
        "outputs_are_bits": record.outputs_are_bits,
        "examples_sha256": record.examples_sha256,
        "config": record.config.model_dump(mode="json"),
        **provenance(),
    }
    for name in ROWS:
        getattr(record, name).to_parquet(path / f"{name}.parquet", index=False)
    arrays = save(_arrays_of(record), metadata={"layers": "-".join(map(str, about["layers"]))})
    (path / "arrays.safetensors").write_bytes(arrays)  # its save_file() has the reason of a failure in its text alone
    graphs = [graph_to_json(graph) if graph is not None else None for graph in record.graphs]
    (path / "hierarchies.json").write_text(json.dumps(graphs) + "\n", encoding="utf-8")
    # Last: a folder that has it is whole.
    (path / "group.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _arrays_of(record: GroupRecord) -> dict[str, NDArray[Any]]:
    """The masks of all networks, and the values of the selected ones alone, as :class:`PackedNetworks` has them."""
    packed = record.packed.with_values_of(record.selected)
    return {
        "masks": packed.masks,
        "selected": record.selected,
        "values": packed.values,
        "counts": packed.counts[record.selected],
    }


def _packed(arrays: dict[str, NDArray[Any]], layout: Layout) -> PackedNetworks:
    counts = np.zeros(len(arrays["masks"]), dtype=np.int64)
    counts[arrays["selected"]] = arrays["counts"]
    return PackedNetworks(layout, arrays["masks"], arrays["values"], counts)


def read_about(path: Path) -> dict[str, Any]:
    """The content of ``group.json`` of a group: how it was made, and with what."""
    about: dict[str, Any] = read_json(path / "group.json")
    return about


def load_group(path: Path) -> GroupRecord:
    """One group.

    Raises:
        UserError: if it is of another format or incomplete.
    """
    try:
        about = read_about(path)
        if about["format_version"] != FORMAT_VERSION:
            raise UserError(f"{path}: has format {about['format_version']}; this version reads {FORMAT_VERSION}")
        rows = {name: _read_rows(path / f"{name}.parquet", columns) for name, columns in ROWS.items()}
        arrays = load_file(path / "arrays.safetensors")
        stored = read_json(path / "hierarchies.json")
        graphs = [graph_from_json(graph) if graph is not None else None for graph in stored]
        return _record(about, rows, arrays, graphs)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        problem = on_one_line(error)
        raise UserError(
            f"{path}: not a complete group of a sweep ({type(error).__name__}: {problem}); without this folder the "
            "rest can be read, and resume=true computes it again"
        ) from error


def _read_rows(file: Path, numbered: Sequence[str]) -> pd.DataFrame:
    """Read a table; pandas would take a folder for one.

    Args:
        file: the table.
        numbered: columns of whole numbers that it must have.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no table, or lacks such a column.
    """
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a folder")
    table = pd.read_parquet(file)
    for column in numbered:
        if column not in table or not pd.api.types.is_integer_dtype(table[column]):
            raise ValueError(f"{file.name} has no whole numbers in a column {column}")
    return table


def _record(
    about: dict[str, Any],
    rows: dict[str, pd.DataFrame],
    arrays: dict[str, NDArray[Any]],
    graphs: list[nx.DiGraph | None],
) -> GroupRecord:
    """A record from what its files hold.

    Raises:
        ValueError: if they do not fit together.
    """
    layout = Layout(tuple(about["layers"]))
    record = GroupRecord(
        config=Config.model_validate({"tags": (), **about["config"]}),  # groups from before there were tags have none
        **rows,
        packed=_packed(arrays, layout),
        graphs=graphs,
        seconds=about["seconds"],
        image_shape=tuple(about["image_shape"]) if about["image_shape"] else None,
        details=tuple(about["details"]),
        expected=graph_from_json(about["expected"]) if about["expected"] is not None else None,
        ignore_pruned_inputs=about["inputs_may_go"],
        input_names=tuple(about["input_names"]),
        output_names=tuple(about["output_names"]),
        inputs_are_bits=about["inputs_are_bits"],
        outputs_are_bits=about["outputs_are_bits"],
        examples_sha256=about["examples_sha256"],
        about=about,
    )
    lengths = {len(record.networks), len(record.packed), len(record.graphs)}
    if len(lengths) > 1 or not np.array_equal(arrays["selected"], record.selected):
        raise ValueError("its arrays do not fit its rows")
    return record
