"""The trials that the rules are tuned and tested on."""

from pathlib import Path

import pandas as pd

from experiments.choosing.rules import CHOSEN, RULES, WINDOWS
from experiments.stored_rows import read
from neural_sculpting.cli.plan import read_plan
from neural_sculpting.errors import UserError
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.store import group_paths

CELL = ("task", "overlap", "uses", "hidden_layers")
POOLED = "1-3"
"""Overlap pools the numbers of hidden layers, as the paper's figure does."""


def sweeps() -> dict[str, list[str]]:
    """The overrides of each sweep: every cell gets 36 seeds or more that the paper's experiments do not have."""
    shapes = [[width] * depth for depth in (1, 2, 3) for width in (24, 36, 48)]
    found = {
        "exemplar": ["experiment=exemplar", "seed=range(36,72)"],
        "reuse": [
            "experiment=reuse",
            "seed=range(36,72)",
            "task.uses=1,2,4,6",
            _hidden(*(shape for shape in shapes if len(shape) > 1)),
        ],
    }
    for place, width in enumerate((36, 48, 60)):
        layers = _hidden(*([width] * depth for depth in (1, 2, 3, 4)))
        found[f"hierarchy_{width}"] = ["experiment=hierarchy", _seeds(place, 12), layers]
    for place, shape in enumerate(shapes):
        found[f"overlap_{place + 1}"] = ["experiment=overlap", _seeds(place, 4), _hidden(shape)]
    return found


def _hidden(*shapes: list[int]) -> str:
    return "arch.hidden=" + ",".join(str(shape).replace(" ", "") for shape in shapes)


def _seeds(place: int, count: int) -> str:
    return f"seed=range({36 + count * place},{36 + count * (place + 1)})"


def rows_of(folder: Path) -> pd.DataFrame:
    """What every rule finds in the trials of a sweep.

    Args:
        folder: of the sweep.

    Returns:
        One row for each trial: the columns of ``CELL``, ``layers``, ``seed``; for each rule whether the network that
        it chooses is exact; ``any within <edges>`` for each of ``WINDOWS``; ``among``; for two rules whether the inputs
        are divided as expected; ``edges`` of the sparsest network.

    Raises:
        UserError: if there is no such sweep, or it is not finished.
    """
    plan = read_plan(folder)
    if plan is None:
        raise UserError(f"{folder}: no such sweep yet; --run makes it")
    if not plan.is_finished(folder):
        raise UserError(f"{folder}: not finished; --run goes on with it")
    return pd.concat([_rows_of_group(load_group(path)) for path in group_paths(folder)], ignore_index=True)


def _rows_of_group(group: GroupRecord) -> pd.DataFrame:
    connections = [None if graph is None else graph.number_of_edges() for graph in group.graphs]
    networks = group.networks.assign(module_connections=pd.array(connections, dtype="Int64"))
    rows = networks.drop_duplicates("seed").set_index("seed")[[*CELL, "layers"]]
    rows["hidden_layers"] = POOLED if rows["task"].iloc[0] == "boolean_overlap" else rows["hidden_layers"].astype(str)
    exact = networks["exact"].fillna(False).astype(bool)
    edges = networks.groupby("seed")["edges"].min()
    networks = networks[networks["status"].isin(["sculpted", "failed"])]  # where there is none, every rule fails
    more = networks["edges"] - networks.groupby("seed")["edges"].transform("min")
    columns = {name: rule(networks).map(exact) for name, rule in RULES.items()}
    for window in WINDOWS:
        columns[f"any within {window}"] = exact[networks.index][more <= window].groupby(networks["seed"]).any()
    columns["among"] = exact[networks.index].groupby(networks["seed"]).any()
    inputs = networks["input_separability"].fillna(False).astype(bool)
    for name in ("sparsest", CHOSEN):
        columns[f"inputs, {name}"] = RULES[name](networks).map(inputs)
    found = pd.DataFrame(columns).reindex(rows.index).fillna(False).astype(bool)
    return rows.assign(edges=edges).join(found).reset_index()


def unsolved(experiments: Path) -> pd.DataFrame:
    """The cells that the sparsest network does not solve in the paper's experiments, as they were run here.

    Reuse in one hidden layer is left out, where the paper counts none as found, and so are the exemplars.

    Args:
        experiments: the folder that holds the stored rows of the experiments.

    Returns:
        The columns of ``CELL``, ``trials`` and ``sparsest``, the rate.
    """
    trials = pd.concat([read(experiments / name)[0] for name in ("reuse", "overlap", "hierarchy")], ignore_index=True)
    sparsest = trials[trials["selection"] == "sparsest"]
    reuse = sparsest["task"] == "boolean_reused"
    sparsest = sparsest[~(reuse & ((sparsest["hidden_layers"] == 1) | (sparsest["uses"] == 8)))]
    depth = sparsest["hidden_layers"].astype(str).mask(sparsest["task"] == "boolean_overlap", POOLED)
    cells = sparsest.assign(hidden_layers=depth).groupby(list(CELL), dropna=False, sort=False)["exact"]
    rates = cells.agg(trials="size", sparsest="mean").reset_index()
    return rates[rates["sparsest"] < 1].reset_index(drop=True)
