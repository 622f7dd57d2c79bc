"""The columns of networks.parquet and trials.csv: what is known of each sculpted network."""

from collections.abc import Collection, Mapping, Sequence
from math import nan
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from neural_sculpting.analysis import hierarchy_size
from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.analysis.readers import Reading
from neural_sculpting.config.schemas import Config
from neural_sculpting.records.criteria import CRITERIA, criteria_of
from neural_sculpting.records.verdicts import Verdict
from neural_sculpting.scoring.separation import stray_path_share, stray_unit_share
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.sculpting.loaded import LoadedAccuracy
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.parameters import ParameterValue

LONGER = "longer_bit_accuracy"
"""Of outputs of sequences that are longer than those learned."""

ACCURACIES = ("accuracy", "test_bit_accuracy", "test_example_accuracy", "test_balanced_accuracy")
"""Columns of the history and of the networks; with ``dense_`` in front, those of the trial's own dense network, with
``majority_`` those of always answering the most frequent class."""

TASK_PARAMETERS = ("uses", "overlap")
"""Parameters that always have a column; further ones of a task get additional columns."""


def network_rows(
    config: Config,
    task: Task,
    sculpted: SculptedNetworks,
    verdicts: Sequence[Verdict],
    jobs: Sequence[int],
    loaded: LoadedAccuracy | None = None,
) -> pd.DataFrame:
    """Tabulate the networks of a group, one row each.

    Args:
        config: the configuration of the group.
        task: its task.
        sculpted: its networks.
        verdicts: one for each network.
        jobs: the number of the job of each trial.
        loaded: of the trained network that all trials start from; it adds the columns of :func:`_start_columns`.
    """
    table, layout = sculpted.table, sculpted.layout
    seeds = list(dict.fromkeys(table["seed"]))
    edges = sculpted.networks.kept_edges()
    dense = sculpted.history.query("attempt == 0 and unit_step.isna() and edge_step.isna()")
    dense = dense.drop_duplicates("seed").set_index("seed")  # variants of pruning start from the same
    phases = {name: ",".join(each.phases) for name, each in config.pruning.by_variant()}
    variant = table["variant"] if "variant" in table else pd.Series("", index=table.index)
    columns: dict[str, Any] = {
        "job": table["seed"].map(dict(zip(seeds, jobs, strict=True))),
        "task": task.name,
        "layers": "-".join(map(str, layout.layers)),
        "hidden_layers": len(layout.layers) - 2,
        **{
            name: _parameter_column(value, len(table))
            for name, value in {**dict.fromkeys(TASK_PARAMETERS), **task.parameters}.items()
        },
        "seed": table["seed"],
        **{name: getattr(config.training, name) for name in ("lr", "batch_size", "epochs")},
        **({"variant": variant} if "variant" in table else {}),
        "phases": variant.map(phases),
        **{name: table[name] for name in ("unit_step", "edge_step")},
        "status": _statuses(table, verdicts),
        "reason": [verdict.reason for verdict in verdicts],
        **_start_columns(config, task, table, dense, loaded),
        **{name: table[name] for name in (*ACCURACIES, "loss")},
        **{f"dense_{name}": table["seed"].map(dense[name]) for name in ACCURACIES},
        **{f"majority_{name}": table[f"majority_{name}"] for name in ACCURACIES},
        **({LONGER: table[LONGER]} if LONGER in table else {}),
        "constant_outputs": table["constant_outputs"],
        "edges": edges,
        "density": edges / layout.edges,
        **_separation(sculpted, task),
        **reading_columns(verdicts, table["reached"], criteria_of(task), len(layout.layers)),
        **_rounds(table, sculpted.history, phases),
        "seconds": sculpted.seconds / len(seeds),
        "engine": table["engine"],
        "reader": config.analysis.reader,
    }
    return pd.DataFrame(columns)


def reading_columns(
    verdicts: Sequence[Verdict], reached: Sequence[bool], applicable: Collection[str], layers: int
) -> dict[str, Any]:
    """The columns that follow from what a reader found.

    A network that never reached the accuracy threshold meets no criterion and agrees in nothing, whatever its shape.
    Criteria that do not apply to the task are missing, and so is the agreement where the analysis failed.

    Args:
        verdicts: one for each network.
        reached: whether each network reached the accuracy threshold.
        applicable: the criteria that apply to the task.
        layers: the number of layers, inputs and outputs included.
    """
    graphs = graphs_of(verdicts)
    sizes = {id(graph): hierarchy_size(graph, layers) for graph in graphs if graph is not None}
    judged = list(zip(reached, [verdict.success for verdict in verdicts], strict=True))
    columns: dict[str, Any] = {
        "units": _integers(v.hierarchy and sum(int(layer.sum()) for layer in v.hierarchy.kept[1:-1]) for v in verdicts),
        "modules": _integers(graph if graph is None else len(graph) for graph in graphs),
        "hierarchy": _integers(hierarchy_classes(graphs)),
        "hierarchy_size": _integers(sizes.get(id(graph)) for graph in graphs),  # equal masks share one graph
    }
    for name in CRITERIA:
        met = [bool(learned and success and success.met[name]) for learned, success in judged]
        columns[name] = pd.array(met if name in applicable else [None] * len(judged), dtype="boolean")
    columns["input_agreement"] = [
        nan if success is None else success.input_agreement if learned else 0.0 for learned, success in judged
    ]
    return columns


def graphs_of(verdicts: Sequence[Verdict]) -> list[nx.DiGraph | None]:
    """The hierarchy of each network; None where the analysis failed."""
    return [verdict.hierarchy.graph if verdict.hierarchy else None for verdict in verdicts]


def readings_of(verdicts: Sequence[Verdict]) -> list[Reading | None]:
    """What was read of each network; none of all where there is nothing but hierarchies."""
    found = [verdict.reading for verdict in verdicts]
    return found if any(reading and reading.says_more for reading in found) else []


def _separation(sculpted: SculptedNetworks, task: Task) -> dict[str, list[float]]:
    """How far sub-functions are apart in networks whose graphs are about units; none where that is not known."""
    packed, layout = sculpted.networks, sculpted.layout
    expected = task.expected_hierarchy(len(layout.layers) - 2, by_unit=True)
    if expected is None or not layout.by_unit:
        return {}
    networks = range(len(packed))
    return {
        "stray_path_share": [stray_path_share(packed.weights_of(each), expected) for each in networks],
        "stray_unit_share": [stray_unit_share(packed.masks_of(each), expected) for each in networks],
    }


def _start_columns(
    config: Config, task: Task, table: pd.DataFrame, dense: pd.DataFrame, loaded: LoadedAccuracy | None
) -> dict[str, Any]:
    """What is known of the trained network that all trials start from; what of it was reopened, if anything may be.

    Which outputs fell is missing where everything is reopened whatever fell.
    """
    if loaded is None:
        return {}
    columns: dict[str, Any] = {"loaded_accuracy": loaded.accuracy, "loaded_example_accuracy": loaded.example_accuracy}
    if config.pruning.reopens:
        names = task.flat_output_names or [f"y{number}" for number in range(task.n_outputs)]
        fell = [" ".join(names[number] for number in each) for each in table["fallen"]]
        columns["fallen_outputs"] = pd.array(
            fell if config.pruning.reopen == "fallen" else [None] * len(fell), "string"
        )
        columns["reopened_edges"] = table["seed"].map(dense["edges"] - int(loaded.network.edges.sum())).astype("Int64")
        columns["started_in"] = table["started_in"]
    return columns


def _integers(values: Any) -> Any:
    return pd.array(list(values), dtype="Int64")


def _parameter_column(value: ParameterValue | None, rows: int) -> Any:
    """The same value in every row; a list of names becomes text."""
    if isinstance(value, tuple):
        value = ", ".join(value)
    dtype = "string" if isinstance(value, str) else "Float64" if isinstance(value, float) else "Int64"
    return pd.array([value] * rows, dtype=dtype)


def _statuses(table: pd.DataFrame, verdicts: Sequence[Verdict]) -> list[str]:
    """A network that never learned did not take part in the second phase; a lost one never reached the threshold in it.

    A constant one answers the same in every row, although no hierarchy is known that would expect it to.
    """
    sculpted = ["constant" if constant else "sculpted" for constant in table["is_constant"]]
    rows = zip(table["reached"], table["learned"], verdicts, sculpted, strict=True)
    return [
        "failed" if verdict.reason else good if reached else "lost" if learned else "never_learned"
        for reached, learned, verdict, good in rows
    ]


def _rounds(table: pd.DataFrame, history: pd.DataFrame, phases: Mapping[str, str]) -> dict[str, Any]:
    """Rounds of training that led to each network, including the shared first one of each phase of its variant."""
    rounds = {phase: np.zeros(len(table), dtype=np.int64) for phase in ("unit", "edge")}
    for variant, names in phases.items():
        mine, attempts = (
            (rows["variant"] == variant) if variant else rows["seed"].notna() for rows in (table, history)
        )
        for number, phase in enumerate(names.split(","), start=1):
            steps = ["seed", *(f"{each}_step" for each in names.split(",")[:number])]
            later = history[attempts & (history["phase"] == phase) & (history["attempt"] > 0)].groupby(steps).size()
            after_first = later.reindex(pd.MultiIndex.from_frame(table.loc[mine, steps]), fill_value=0).to_numpy()
            took_part = table.loc[mine, f"{phase}_step"].notna().to_numpy()
            rounds[phase][mine] = np.where(took_part, after_first + 1, 0)
    return {f"{phase}_rounds": counts for phase, counts in rounds.items()}
