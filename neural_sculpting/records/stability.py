"""How far the hierarchies of a cell agree: of its seeds, of the networks of a trial, of several draws of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from neural_sculpting.records.compared import compared_graph, compared_shape
from neural_sculpting.scoring.stability import Stability, stability

if TYPE_CHECKING:
    import pandas as pd

    from neural_sculpting.records.cell import Cell

MOST_TRIALS, MOST_OF_TRIAL = 100, 20
"""Trials of a cell, and networks of a trial, that are compared: every two take some hundredths of a millisecond."""

DRAWS = ("rows_seed", "split_seed")
"""Parameters of tasks that draw the rows to learn from."""


@dataclass(frozen=True)
class CellStability:
    """What the hierarchies of networks that perform the task agree on; each None where there are no two.

    Attributes:
        seeds: those of the trials of the cell; with several draws of the rows those of a draw, on average over draws.
        steps: those of a trial's own networks, by steps or variants of pruning, on average over the trials.
        rows: those of a seed with several draws of the rows, where these were swept, on average over seeds.
    """

    seeds: Stability | None
    steps: Stability | None
    rows: Stability | None


def stability_of_cell(cell: Cell) -> CellStability:
    """Compare the hierarchies of some trials, from all over the cell."""
    trials = cell.trials[cell.learned].iloc[:: -(-int(cell.learned.sum()) // MOST_TRIALS) or 1]
    shape = compared_shape(cell.first_group)
    drawn = [name for name in DRAWS if name in trials and trials[name].nunique() > 1]
    of_draws = [rows for _, rows in trials.groupby(drawn)] if drawn else [trials]
    of_seeds = [rows for _, rows in trials.groupby(["layers", "seed"])] if drawn else []
    return CellStability(
        seeds=stability([_graphs(cell, rows) for rows in of_draws], shape),
        steps=stability([_graphs(cell, _networks_of(cell, trial)) for _, trial in trials.iterrows()], shape),
        rows=stability([_graphs(cell, rows) for rows in of_seeds], shape),
    )


def _graphs(cell: Cell, networks: pd.DataFrame) -> Sequence[nx.DiGraph]:
    rows = zip(*(networks[name] for name in ("group", "network", "status")), strict=True)
    found = (compared_graph(cell.sweep.groups[group], network, status) for group, network, status in rows)
    return [graph for graph in found if graph is not None]


def _networks_of(cell: Cell, trial: pd.Series) -> pd.DataFrame:
    """All networks of a trial, or some from all over them."""
    networks = cell.sweep.groups[trial["group"]].networks
    networks = networks.assign(group=trial["group"], network=np.arange(len(networks)))
    of_trial = networks[networks["seed"].eq(trial["seed"])]
    return of_trial.iloc[:: -(-len(of_trial) // MOST_OF_TRIAL)]
