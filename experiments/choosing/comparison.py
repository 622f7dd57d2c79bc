"""The trials that the rules are tuned and tested on, and the tables that compare the rules."""

from itertools import product

import pandas as pd

from experiments.choosing.rules import ANYWHERE, CHOSEN, RULES, WINDOWS
from experiments.figures import Figure
from neural_sculpting.errors import UserError
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.rates import paired_differences

CELL = ["task", "overlap", "uses", "hidden_layers"]
POOLED = "1-3"
"""Overlap pools the numbers of hidden layers, as the paper's figure does."""

FEWEST = 36
"""Trials that a cell needs."""


def sweeps() -> dict[str, list[str]]:
    """Return the overrides of each sweep: at least 36 seeds for every cell, none of them the paper's."""
    shapes = [[width] * depth for depth, width in product((1, 2, 3), (24, 36, 48))]
    found = {
        "exemplar": ["experiment=exemplar", _seeds(0, 36)],
        "reuse": [
            *("experiment=reuse", _seeds(0, 36), "task.uses=1,2,4,6"),
            _hidden(*(shape for shape in shapes if len(shape) > 1)),
        ],
    }
    for index, width in enumerate((36, 48, 60)):
        layers = _hidden(*([width] * depth for depth in (1, 2, 3, 4)))
        found[f"hierarchy_{width}"] = ["experiment=hierarchy", _seeds(index, 12), layers]
    for index, shape in enumerate(shapes):
        found[f"overlap_{index + 1}"] = ["experiment=overlap", _seeds(index, 4), _hidden(shape)]
    return {name: [*overrides, "pictures=none"] for name, overrides in found.items()}


def _hidden(*shapes: list[int]) -> str:
    return "arch.hidden=" + ",".join(str(shape).replace(" ", "") for shape in shapes)


def _seeds(index: int, count: int) -> str:
    return f"seed=range({36 + count * index},{36 + count * (index + 1)})"


def rows_of_group(group: GroupRecord) -> pd.DataFrame:
    """Apply every rule to the trials of a group.

    Returns:
        One row for each trial: the columns of ``CELL``, ``layers``, ``seed``; ``edges`` of the sparsest network; for
        each rule whether its network is exact; ``any within <edges>`` for each of ``WINDOWS``; ``among``; for two rules
        whether the inputs are divided as expected.
    """
    connections = [None if graph is None else graph.number_of_edges() for graph in group.graphs]
    networks = group.networks.assign(module_connections=pd.array(connections, dtype="Int64"))
    rows = networks.drop_duplicates("seed").set_index("seed")[[*CELL, "layers"]]
    rows["hidden_layers"] = POOLED if rows["task"].iloc[0] == "boolean_overlap" else rows["hidden_layers"].astype(str)
    exact, inputs = (networks[name].fillna(False).astype(bool) for name in ("exact", "input_separability"))
    edges = networks.groupby("seed")["edges"].min()
    networks = networks[networks["status"].isin(["sculpted", "failed"])]  # where there is none, every rule fails
    more = networks["edges"] - networks.groupby("seed")["edges"].transform("min")
    columns = {name: rule(networks).map(exact) for name, rule in RULES.items()}
    for name, near in {**{f"any within {window}": more <= window for window in WINDOWS}, "among": more >= 0}.items():
        columns[name] = exact[networks.index][near].groupby(networks["seed"]).any()
    for name in ("sparsest", CHOSEN):
        columns[f"inputs, {name}"] = RULES[name](networks).map(inputs)
    found = pd.DataFrame(columns).reindex(rows.index).fillna(False).astype(bool)
    return rows.assign(edges=edges).join(found).reset_index()


def unsolved() -> pd.DataFrame:
    """Return the cells that the sparsest network does not solve in the paper's experiments, as they were run here.

    Reuse in one hidden layer is left out, where the paper counts none as found, and so are the exemplars.

    Returns:
        The columns of ``CELL``, ``trials`` and ``sparsest``, the rate.
    """
    trials = pd.concat([Figure(name).read()[0] for name in ("reuse", "overlap", "hierarchy")], ignore_index=True)
    sparsest = trials[trials["selection"] == "sparsest"]
    reuse = sparsest["task"] == "boolean_reused"
    sparsest = sparsest[~(reuse & ((sparsest["hidden_layers"] == 1) | (sparsest["uses"] == 8)))]
    depth = sparsest["hidden_layers"].astype(str).mask(sparsest["task"] == "boolean_overlap", POOLED)
    cells = sparsest.assign(hidden_layers=depth).groupby(CELL, dropna=False, sort=False)["exact"]
    rates = cells.agg(trials="size", sparsest="mean").reset_index()
    return rates[rates["sparsest"] < 1].reset_index(drop=True)


def tables_of(rows: pd.DataFrame, cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return all tables by the names of their files, with the cells of :func:`unsolved`."""
    shallow_reuse = (rows["task"] == "boolean_reused") & (rows["hidden_layers"] == "1")
    counted = rows[~shallow_reuse]
    exemplars, others = counted[counted["sweep"] == "exemplar"], counted[counted["sweep"] != "exemplar"]
    return {
        "tuning": tuned(exemplars),
        "windows": windows(exemplars),
        "cells": cells,
        "choosing": compare(others, cells),
        "solved": compare(others, others[CELL].drop_duplicates(), without=cells),
        "pooled": pooled(others),
    }


def tuned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rate of every rule: a row for each rule, a column for each task and number of layers."""
    rates = rows.groupby(["task", "hidden_layers"], sort=False)[[*RULES, "among"]].mean()
    table = rates.T.set_axis([f"{task} {layers}" for task, layers in rates.index], axis=1)
    return table.assign(mean=table.mean(axis=1)).rename_axis("rule").reset_index()


def windows(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the simplest within each window with the simplest of all, on the same trials."""
    one_cell = rows.assign(cell="exemplars")
    tables = [
        paired_differences(one_cell, ["cell"], new=f"simplest within {window}", old=ANYWHERE).assign(window=window)
        for window in WINDOWS
    ]
    return pd.concat(tables, ignore_index=True)


def compare(rows: pd.DataFrame, cells: pd.DataFrame, without: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compare the rules in some cells, the chosen one against the sparsest on the same trials.

    Args:
        rows: the trials.
        cells: rows with the columns of ``CELL``.
        without: cells to leave out.
    """
    cells = cells[CELL] if without is None else cells[~_index(cells).isin(_index(without))][CELL]
    chosen = cells.merge(rows, on=CELL)
    by_cell = chosen.groupby(CELL, dropna=False, sort=False)
    if len(by_cell) < len(cells) or by_cell.size().min() < FEWEST:
        raise UserError(f"choosing: cells have fewer than {FEWEST} trials; --run resumes the sweeps")
    rates = by_cell[[*RULES, "among"]].mean().reset_index(drop=True)
    return paired_differences(chosen, CELL, new=CHOSEN, old="sparsest").join(rates)


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the chosen rule with the sparsest over all trials of a task, and on how the inputs are divided."""
    exact = paired_differences(rows, ["task"], new=CHOSEN, old="sparsest").assign(criterion="exact")
    shared = rows[rows["overlap"].fillna(0) > 0]
    inputs = paired_differences(shared, ["task", "overlap"], new=f"inputs, {CHOSEN}", old="inputs, sparsest")
    return pd.concat([exact, inputs.assign(criterion="input_separability")], ignore_index=True)


def _index(cells: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(cells[CELL].astype("string").fillna(""))
