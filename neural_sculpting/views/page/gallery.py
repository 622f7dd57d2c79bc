"""The trials of a sweep as data that the page filters, sorts and draws."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from neural_sculpting.errors import on_one_line
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.pruning_paths import PruningPath
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.failures import OUTCOMES, outcome_of, reason_of
from neural_sculpting.views.page.hierarchies import hierarchy_svg, structure
from neural_sculpting.views.page.networks import network_data

log = logging.getLogger(__name__)


@dataclass
class Table:
    """Values of which many are equal: each is written once."""

    values: list[Any] = field(default_factory=list)
    places: dict[Hashable, int] = field(default_factory=dict)

    def place(self, key: Hashable, value: Any = None) -> int:
        """Return the place of a value, which is the key itself unless it is given; it is made where it is new."""
        if key not in self.places:
            made = value() if value else key
            self.places[key] = len(self.values)
            self.values.append(made)
        return self.places[key]


def gallery_data(sweep: Sweep) -> dict[str, Any]:
    """Describe every trial: how it ended and why, its network, its hierarchy, and how it was pruned.

    Args:
        sweep: its trials and networks.

    Returns:
        ``trials``, lists of values in the order of ``fields``, by job; and the tables that their numbers are places
        in: ``questions``, ``layers``, ``texts`` and ``hierarchies``.
    """
    layers, texts, hierarchies = Table(), Table(), Table()
    rows = []
    for number, cell in enumerate(sweep.cells):
        solved = _solved(sweep, cell.trials)
        for place, (_, trial) in enumerate(cell.trials.iterrows()):
            failure = cell.failures[place]
            network, hierarchy = _pictures(sweep, cell, place, trial, hierarchies)
            values = {
                "job": int(trial["job"]),
                "seed": int(trial["seed"]),
                "question": number,
                "layers": layers.place(trial["layers"]),
                "outcome": list(OUTCOMES).index(outcome_of(failure, trial).kind),
                "headline": texts.place(reason_of(failure) if failure else ""),
                "detail": texts.place(failure.detail if failure else ""),
                "density": _digits(trial["density"]),
                "edges": int(trial["edges"]),
                "accuracy": _digits(trial["accuracy"]),
                "test": _digits(trial["test_bit_accuracy"]),
                "steps": [_digits(trial[step]) for step in ("unit_step", "edge_step") if pd.notna(trial[step])],
                "solved": solved[place],
                "network": network,
                "hierarchy": hierarchy,
                "path": _path_data(cell.paths[place]),
            }
            rows.append(values)
    return {
        "fields": list(rows[0]),
        "trials": [list(row.values()) for row in sorted(rows, key=lambda row: row["job"])],
        "questions": [cell.label for cell in sweep.cells],
        "layers": layers.values,
        "texts": texts.values,
        "hierarchies": hierarchies.values,
        "outcomes": [[outcome.kind, outcome.label, outcome.meaning] for outcome in OUTCOMES.values()],
    }


def _pictures(sweep: Sweep, cell: Cell, place: int, trial: pd.Series, hierarchies: Table) -> tuple[Any, int | None]:
    """The network of a trial, and the place of its hierarchy; nothing where it failed or cannot be drawn."""
    graph, group = cell.graphs[place], sweep.groups[trial["group"]]
    if graph is None:
        return None, None
    try:
        chosen, labels = int(trial["network"]), group.labels
        network = network_data(group.masks_of(chosen), group.hierarchy_of(chosen), group.image_shape, labels)
        key = (group.image_shape, group.input_names, group.output_names, structure(graph))
        return network, hierarchies.place(key, lambda: hierarchy_svg(graph, labels))
    except Exception as error:
        log.warning("job %s: not drawn on the page (%s: %s)", trial["job"], type(error).__name__, on_one_line(error))
        log.debug("drawing stopped with an error", exc_info=True)
        return None, None


def _solved(sweep: Sweep, trials: pd.DataFrame) -> list[list[int] | None]:
    """How many of the networks of each trial have the expected hierarchy, and how many there are; None of one alone."""
    found: dict[tuple[int, int], list[int]] = {}
    for place in trials["group"].unique():
        networks = sweep.groups[place].networks
        if networks["seed"].duplicated().any():
            exact = networks["exact"].fillna(False).astype(int).groupby(networks["seed"]).agg(["sum", "size"])
            found |= {(place, seed): [int(row["sum"]), int(row["size"])] for seed, row in exact.iterrows()}
    return [found.get(key) for key in zip(trials["group"], trials["seed"], strict=True)]


def _path_data(path: PruningPath) -> list[Any]:
    """The attempts that pruned units, then those that pruned edges; the density of a rejected one is negative."""
    signed = np.where(path.accepted, path.density, -path.density).tolist()
    values = [_digits(value) for value in signed]
    return [values[: path.edge_phase], values[path.edge_phase :]]


def _digits(value: float) -> float | None:
    """Three digits: whole numbers without a point; None where there is no number."""
    if not isfinite(value):
        return None
    short = float(f"{value:.3g}") if abs(value) < 0.995 else float(f"{value:.4g}")
    return int(short) if short == int(short) else short
