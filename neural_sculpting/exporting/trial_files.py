"""All files of one trial: the compact network, the formulas, and the hierarchy in the formats of other programs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.errors import UserError, writing
from neural_sculpting.exporting.models import WholeModel, model_of, save_compact, save_whole, write_onnx
from neural_sculpting.files import atomic_write
from neural_sculpting.formulas.formulas import NetworkFormulas
from neural_sculpting.formulas.network_formulas import network_formulas
from neural_sculpting.networks.layout import as_perceptron
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters
from neural_sculpting.tasks.base import title_of
from neural_sculpting.tasks.tables.codebook import by_column, encode_rows
from neural_sculpting.tasks.tables.frames import as_frame
from neural_sculpting.tasks.units import flat_names
from neural_sculpting.views.pictures.drawing import draw_hierarchy


@dataclass(frozen=True)
class Exported:
    """The files that were written, and a note with the reason for everything that was not."""

    files: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def export_trial(group: GroupRecord, trial: pd.Series, folder: Path) -> Exported:
    """Write a trial's network, hierarchy and formulas into a folder, replacing the files of an earlier export.

    ``model.safetensors`` and ``model.json`` contain the network, that of a perceptron without its dead units, and
    ``model.onnx`` the same of a perceptron if the package onnx is installed; ``hierarchy.graphml``, ``.json``, ``.dot``
    and ``.svg`` the hierarchy; ``formulas.txt`` the functions of its modules, for perceptrons whose inputs are bits.

    Raises:
        UserError: if the trial failed before its network had learned anything.
    """
    check_learned(trial)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    hierarchies = [folder / f"hierarchy{suffix}" for suffix in FORMATS]
    onnx, text = folder / "model.onnx", folder / "formulas.txt"
    for path in (onnx, *hierarchies, text):
        with writing(path):
            path.unlink(missing_ok=True)  # perhaps of another trial, and not every trial has them
    done = Exported()
    network, graph = int(trial["network"]), group.graphs[trial["network"]]
    model, names = model_of(group.packed, network), (group.input_names, group.output_names)
    if isinstance(model, WholeModel):
        done.files.extend(save_whole(group, model, folder / "model"))
        done.notes.append("ONNX: for multilayer perceptrons alone (arch.name=mlp)")
    else:
        done.files.extend(save_compact(model, folder / "model", *names, group.input_encoding, group.output_encoding))
        try:
            write_onnx(model, onnx, *names)
            done.files.append(onnx)
        except UserError as error:
            done.notes.append(str(error))
    if graph is None:
        done.notes.append(f"hierarchy, formulas: none, as the trial failed ({trial['reason']})")
        return done
    for path in hierarchies:
        write_hierarchy(graph, path, group.labels)
        done.files.append(path)
    try:
        page = formulas_page(group, trial, formulas_of_trial(group, trial))
        atomic_write(text, lambda file: file.write_text(page, encoding="utf-8"))
        done.files.append(text)
    except UserError as error:
        done.notes.append(str(error))
    return done


def check_learned(trial: pd.Series) -> None:
    """Raise a UserError if a trial failed before its network had learned anything."""
    if pd.isna(trial["accuracy"]):
        raise UserError(f"seed {trial['seed']}: has no trained network, as the trial failed ({trial['reason']})")


def formulas_of_trial(group: GroupRecord, trial: pd.Series) -> NetworkFormulas:
    """Read the network of a row of ``group.selected_trials`` as logic formulas.

    Raises:
        UserError: if the trial failed, the network is no perceptron or reads more than 16 inputs, or inputs or outputs
            of the task are not bits.
    """
    as_perceptron(group.layout, "formulas")
    if trial["status"] == "failed":
        raise UserError(f"seed {trial['seed']}: no formulas, as the trial failed ({trial['reason']})")
    for ends, are_bits in (("inputs", group.inputs_are_bits), ("outputs", group.outputs_are_bits)):
        if not are_bits:
            kind = "pixels" if ends == "inputs" and group.image_shape is not None else "other numbers"
            name = group.config.task.name
            raise UserError(f"no formulas: they are made for {ends} of 0 and 1, and those of {name} are {kind}")
    network = int(trial["network"])
    return network_formulas(group.packed, network, group.graphs[network], *group.about_units)


def formulas_page(group: GroupRecord, trial: pd.Series, formulas: NetworkFormulas) -> str:
    """The formulas of a trial with a few lines that explain how to read them."""
    task = title_of(group.config.task.name, group.config.task.parameters, group.details)
    outputs = "these formulas give the network's outputs"
    if not formulas.complete:
        outputs = "the formulas give those of the network's outputs that have one"
    negations = ", ".join(f"{other} is ~{name}" for name, other in formulas.negations.items())
    others = f" Of the other value: {negations}." if negations else ""
    naming = f"# {group.naming_note}{others}\n" if group.naming_note else ""
    return (
        f"# {task}, {trial['layers']}, seed {trial['seed']}: what each module of the sculpted network computes\n"
        "# & and, | or, ^ exclusive or, ~ not; 0 and 1 are constants. Letters are the modules of the pictures.\n"
        f"# Checked on all {formulas.checked} values of the inputs that it reads: put together, {outputs}.\n"
        f"{naming}{formulas}\n"
    )


def predictions(group: GroupRecord, trial: pd.Series, rows: Any) -> pd.DataFrame:
    """Predict the output columns of a table, classes by their names; bits where the task has no table."""
    outputs, index = _outputs(group, trial, rows)
    if group.output_encoding:
        found = {column.name: column.decode(units) for column, units in by_column(outputs, group.output_encoding)}
        return pd.DataFrame(found, index=index)
    values = (outputs > 0).astype(np.int64) if group.outputs_are_bits else outputs
    return pd.DataFrame(values, index=index, columns=_names(group, values))


def probabilities(group: GroupRecord, trial: pd.Series, rows: Any) -> pd.DataFrame:
    """Return the probability that each output unit is 1; those of one column's classes add up to 1."""
    if not group.outputs_are_bits:
        raise UserError(f"no probabilities: the outputs of {group.config.task.name} are numbers")
    outputs, index = _outputs(group, trial, rows)
    shares = torch.sigmoid(torch.from_numpy(outputs)).numpy()
    for column, units in by_column(shares, group.output_encoding):
        if len(column.units) > 1:
            units /= units.sum(axis=1, keepdims=True)
    return pd.DataFrame(shares, index=index, columns=_names(group, shares))


def _outputs(group: GroupRecord, trial: pd.Series, rows: Any) -> tuple[NDArray[np.float64], pd.Index]:
    check_learned(trial)
    if group.input_encoding:
        values, index = encode_rows(rows, group.input_encoding)
    else:
        table = as_frame(rows, "X")
        if table.shape[1] != group.layout.inputs:
            raise UserError(f"X: has {table.shape[1]} columns; must have {group.layout.inputs}, one for each input")
        values, index = table.to_numpy(dtype=np.float32), table.index
    with torch.inference_mode():
        model = model_of(group.packed, int(trial["network"]))
        logits: torch.Tensor = model(torch.tensor(values))
        return logits.double().numpy(), index


def _names(group: GroupRecord, values: NDArray[Any]) -> list[str]:
    names = group.output_names
    if isinstance(group.layout, MatrixArchitecture):
        names = flat_names(names, group.layout.task.output_units)
    return list(names) or [f"y{number}" for number in range(values.shape[1])]


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
