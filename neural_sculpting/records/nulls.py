"""Null models: how often the same reading divides the inputs, and gives the answer, where there is nothing to read."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx
import pandas as pd

from neural_sculpting.analysis import graph_from_json, graph_to_json
from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.nulls.permuted import permutation_of, permuted
from neural_sculpting.nulls.rewired import rewired, shuffled
from neural_sculpting.records.answers import POOLED, networks_of, read_together
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.compared import as_compared
from neural_sculpting.records.majority import have_learned
from neural_sculpting.records.null_readings import learned_networks, read_null, reader_of
from neural_sculpting.records.record import GroupRecord, Null
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.answers import Share
from neural_sculpting.scoring.consensus import found_hierarchies
from neural_sculpting.tasks import Task

ANSWER = "answer"
"""In place of the status of a trial: the row is what the trials of a permutation say together."""

Sculpt = Callable[[Sequence[SeedGroup], Task, str], list[GroupRecord]]
"""Sculpts groups for another task; its checkpoints have the name."""


@dataclass(frozen=True)
class Found:
    """What the trials of a cell give under a null model.

    Attributes:
        trials: how many there are.
        learned: what those give that learned the task; None where the analysis failed.
        answers: what they give together.
    """

    trials: int
    learned: list[nx.DiGraph | None]
    answers: list[nx.DiGraph] = field(default_factory=list)


def null_rows(sweep: Sweep) -> pd.DataFrame:
    """Make a row for each cell and null model: how often it divides the inputs, and gives the answer of the cell.

    The models are ``rewired`` edges; with ``nulls=full`` also ``shuffled`` edges, ``untrained`` networks, which have as
    many edges in each weight matrix as the sculpted ones and are read with their own function, and ``permuted`` labels.

    Columns beside the settings of the cell: ``null``, ``trials``, ``learned`` (of the networks that are not trained
    again those whose trial learned the task), ``divided`` (how many of these divide the inputs) and its share ``rate``
    with its Wilson interval ``low`` and ``high``, ``as_answer`` (the share that gives the answer of the cell; missing
    without one), ``answers`` (what trials give together: one for each function that they learned) and
    ``answers_divided``.
    """
    return pd.DataFrame([row for cell in sweep.cells for row in _rows(cell)])


def with_permuted_labels(
    records: Sequence[GroupRecord], groups: Sequence[SeedGroup], task: Task, sculpt: Sculpt
) -> list[GroupRecord]:
    """Sculpt all trials again for the labels of the task permuted among its rows, and add what they find.

    Trials share a few permutations, see :func:`permutation_of`.
    """
    found: list[list[pd.DataFrame]] = [[] for _ in groups]
    for number in sorted({permutation_of(seed) for group in groups for seed in group.seeds}):
        some = [(rows, _learning(number, group)) for rows, group in zip(found, groups, strict=True)]
        some = [(rows, group) for rows, group in some if group.seeds]
        again = sculpt([group for _, group in some], permuted(task, number), f"permuted_{number}")
        for (rows, _), record in zip(some, again, strict=True):
            rows.append(rows_of_permuted(record, number))
    return [
        replace(record, nulls=pd.concat(rows, ignore_index=True)) for record, rows in zip(records, found, strict=True)
    ]


def rows_of_permuted(record: GroupRecord, number: int) -> pd.DataFrame:
    """Make a row for each trial that learned permuted labels, and one for the answer of all where there is one.

    Columns: ``permutation`` (its number), ``seed`` (missing for the answer), ``status``, ``accuracy`` and
    ``majority_accuracy`` on the validation examples, and ``hierarchy`` (as JSON; empty where there is none).
    """
    [cell] = Sweep((record,)).cells
    columns = ["seed", "status", "accuracy", "majority_accuracy"]
    rows = cell.trials[columns].assign(hierarchy=[_as_text(graph) for graph in cell.compared])
    if together := cell.networks_answer:
        answer = {"seed": pd.NA, "status": ANSWER, "hierarchy": _as_text(together.hierarchy)}
        rows = pd.concat([rows.astype({"seed": "Int64"}), pd.DataFrame([answer]).astype({"seed": "Int64"})])
    return rows.assign(permutation=number, seed=rows["seed"].astype("Int64")).reset_index(drop=True)


def _learning(number: int, group: SeedGroup) -> SeedGroup:
    pairs = zip(group.seeds, group.jobs, strict=True)
    return group.only({job for seed, job in pairs if permutation_of(seed) == number})


def _rows(cell: Cell) -> Iterator[dict[str, Any]]:
    for null, found in _found(cell):
        answer = cell.networks_answer.hierarchy if cell.networks_answer else None
        share = Share.of(sum(map(_divides, found.learned)), len(found.learned))
        alike = [each is not None and same_hierarchy(each, answer) for each in found.learned] if answer else []
        yield {
            **cell.keys,
            "null": null,
            "trials": found.trials,
            "learned": len(found.learned),
            "divided": sum(map(_divides, found.learned)),
            **{"rate": share.share if found.learned else pd.NA, "low": share.low, "high": share.high},
            "as_answer": sum(alike) / len(alike) if alike else pd.NA,
            "answers": len(found.answers),
            "answers_divided": sum(map(_divides, found.answers)),
        }


def _found(cell: Cell) -> Iterator[tuple[str, Found]]:
    yield "rewired", _other_masks(cell, rewired)
    if cell.first_group.config.nulls == "full":
        yield "shuffled", _other_masks(cell, shuffled)
        yield "untrained", Found(len(cell.trials), [_untrained(*network) for network in learned_networks(cell)])
        yield "permuted", _permuted(cell)


def _other_masks(cell: Cell, null: Null) -> Found:
    """Read the selected network of each trial with other masks and its own function."""
    graphs = [read_null(*network, null) for network in learned_networks(cell)]
    if cell.first_group.config.analysis.reader in POOLED:
        networks = list(networks_of(cell, null))
        return Found(len(cell.trials), graphs, [read_together(cell, networks).hierarchy] if networks else [])
    return Found(len(cell.trials), graphs, [each.graph for each in found_hierarchies(graphs)[:1]])


def _untrained(group: GroupRecord, network: int, seed: int) -> nx.DiGraph:
    from neural_sculpting.nulls.untrained import untrained  # takes seconds: torch

    packed = untrained(group.layout, group.packed.edges_of(network), seed)
    found = reader_of(group).read(packed.masks_of(0), lambda: group.about_task.function_of(packed, 0))
    return as_compared(found.hierarchy, group)


def _permuted(cell: Cell) -> Found:
    trials, learned, answers = 0, list[nx.DiGraph | None](), list[nx.DiGraph | None]()
    for number, seeds in cell.trials.groupby("group")["seed"]:
        group = cell.sweep.groups[int(str(number))]
        rows = group.nulls
        if rows.empty:  # read again by another reader: the networks are not stored
            continue
        of_cell = rows[rows["seed"].isin(set(seeds))]
        able = of_cell[have_learned(of_cell, group)]
        given = rows[rows["status"].eq(ANSWER) & rows["permutation"].isin(able["permutation"])]
        trials += len(of_cell)
        learned += map(_as_graph, able["hierarchy"])
        answers += map(_as_graph, given["hierarchy"])
    return Found(trials, learned, [each for each in answers if each is not None])


def _divides(graph: nx.DiGraph | None) -> bool:
    return graph is not None and divides_inputs(graph)


def _as_text(graph: nx.DiGraph | None) -> str:
    return json.dumps(graph_to_json(graph)) if graph is not None else ""


def _as_graph(text: str) -> nx.DiGraph | None:
    return graph_from_json(json.loads(text)) if text else None
