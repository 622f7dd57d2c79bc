"""The columns of networks.parquet and trials.csv: what is known of each sculpted network."""

from collections.abc import Sequence
from math import nan
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from neural_sculpting.analysis import hierarchy_size
from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.layout import Layout
from neural_sculpting.records.criteria import CRITERIA, criteria_of
from neural_sculpting.records.verdicts import Verdict
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.parameters import ParameterValue

ACCURACIES = ("accuracy", "test_bit_accuracy", "test_example_accuracy")
"""Columns of the history and of the networks; with ``dense_`` in front, those of the trial's own dense network."""

TASK_PARAMETERS = ("uses", "overlap")
"""Parameters that always have a column; further ones of a task get columns of their own."""


def network_rows(
    config: Config, task: Task, sculpted: SculptedNetworks, verdicts: Sequence[Verdict], jobs: Sequence[int]
) -> pd.DataFrame:
    """One row for each network of a group.

    Args:
        config: the configuration of the group.
        task: its task.
        sculpted: its networks.
        verdicts: one for each network.
        jobs: the number of the job of each trial.
    """
    table, layout = sculpted.table, sculpted.layout
    seeds = list(dict.fromkeys(table["seed"]))
    edges = sculpted.networks.kept_edges()
    columns: dict[str, Any] = {
        "job": table["seed"].map(dict(zip(seeds, jobs, strict=True))),
        "task": task.name,
        "layers": "-".join(map(str, layout.layers)),
        "hidden_layers": len(layout.layers) - 2,
        **_parameter_columns(task, len(table)),
        "seed": table["seed"],
        **{name: getattr(config.training, name) for name in ("lr", "batch_size", "epochs")},
        **{name: table[name] for name in ("unit_step", "edge_step")},
        "status": _statuses(table, verdicts),
        "reason": [verdict.reason for verdict in verdicts],
        **{name: table[name] for name in (*ACCURACIES, "loss")},
        **dense_accuracies(table["seed"], sculpted.history),
        "edges": edges,
        "density": edges / layout.edges,
        "units": pd.array([_kept_hidden_units(verdict) for verdict in verdicts], dtype="Int64"),
        "modules": pd.array([len(v.hierarchy.graph) if v.hierarchy else pd.NA for v in verdicts], dtype="Int64"),
        "hierarchy": pd.array(
            [pd.NA if number is None else number for number in hierarchy_classes(graphs_of(verdicts))], dtype="Int64"
        ),
        "hierarchy_size": hierarchy_sizes(graphs_of(verdicts), layout),
        **_success_columns(task, table["reached"], verdicts),
        "input_agreement": _input_agreements(table["reached"], verdicts),
        **_rounds(table, sculpted.history),
        "seconds": sculpted.seconds / len(seeds),
    }
    return pd.DataFrame(columns)


def dense_accuracies(seeds: pd.Series, history: pd.DataFrame) -> dict[str, pd.Series]:
    """What each trial's own dense network reached, in the first round of all: the columns ``dense_<accuracy>``.

    Args:
        seeds: those of the rows that get the columns.
        history: one row for each network and attempt.
    """
    dense = history[(history["phase"] == "unit") & (history["attempt"] == 0)].set_index("seed")
    return {f"dense_{name}": seeds.map(dense[name]) for name in ACCURACIES}


def hierarchy_sizes(graphs: Sequence[nx.DiGraph | None], layout: Layout) -> pd.Series:
    """The sizes of hierarchies, missing where the analysis failed; networks with equal masks share one graph."""
    sizes = {id(graph): hierarchy_size(graph, len(layout.layers)) for graph in graphs if graph is not None}
    return pd.Series([sizes.get(id(graph), pd.NA) for graph in graphs], dtype="Int64")


def graphs_of(verdicts: Sequence[Verdict]) -> list[nx.DiGraph | None]:
    """The hierarchy of each network; None where the analysis failed."""
    return [verdict.hierarchy.graph if verdict.hierarchy else None for verdict in verdicts]


def _parameter_columns(task: Task, rows: int) -> dict[str, Any]:
    """Numbers, or text such as the name of a source of images; a list of names becomes text."""
    values = {**dict.fromkeys(TASK_PARAMETERS), **task.parameters}
    return {name: _parameter_column(value, rows) for name, value in values.items()}


def _parameter_column(value: ParameterValue | None, rows: int) -> Any:
    if isinstance(value, tuple):
        value = ", ".join(value)
    dtype = "string" if isinstance(value, str) else "Float64" if isinstance(value, float) else "Int64"
    return pd.array([pd.NA if value is None else value] * rows, dtype=dtype)


def _statuses(table: pd.DataFrame, verdicts: Sequence[Verdict]) -> list[str]:
    """A network that never learned has no edge step; one that is lost never reached the threshold while edges went."""
    return [
        "failed" if verdict.reason else "sculpted" if kept else "lost" if learned else "never_learned"
        for kept, learned, verdict in zip(table["reached"], table["edge_step"].notna(), verdicts, strict=True)
    ]


def _kept_hidden_units(verdict: Verdict) -> Any:
    return sum(int(layer.sum()) for layer in verdict.hierarchy.kept[1:-1]) if verdict.hierarchy else pd.NA


def _success_columns(task: Task, reached: pd.Series, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """A network that never reached the accuracy threshold meets no criterion, whatever its shape."""
    unknown, applicable = [pd.NA] * len(verdicts), criteria_of(task)
    return {
        name: pd.array(_met(name, reached, verdicts) if name in applicable else unknown, dtype="boolean")
        for name in CRITERIA
    }


def _met(criterion: str, reached: pd.Series, verdicts: Sequence[Verdict]) -> list[bool]:
    return [
        bool(learned and verdict.success and verdict.success.met[criterion])
        for learned, verdict in zip(reached, verdicts, strict=True)
    ]


def _input_agreements(reached: pd.Series, verdicts: Sequence[Verdict]) -> list[float]:
    """How far the inputs are divided as expected; a network that never reached the threshold agrees in nothing."""
    return [
        nan if verdict.success is None else verdict.success.input_agreement if learned else 0.0
        for learned, verdict in zip(reached, verdicts, strict=True)
    ]


def _rounds(table: pd.DataFrame, history: pd.DataFrame) -> dict[str, Any]:
    """Rounds of training that led to each network, the shared first one of each phase included."""
    rounds = {}
    for phase, steps in (("unit", ["seed", "unit_step"]), ("edge", ["seed", "unit_step", "edge_step"])):
        attempts = history[(history["phase"] == phase) & (history["attempt"] > 0)].groupby(steps).size()
        after_first = attempts.reindex(pd.MultiIndex.from_frame(table[steps]), fill_value=0).to_numpy()
        took_part = table[f"{phase}_step"].notna().to_numpy()
        rounds[f"{phase}_rounds"] = np.where(took_part, after_first + 1, 0)
    return rounds
