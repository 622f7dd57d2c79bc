"""Sculpted networks from which further sculpting starts: ``network=<sweep folder>@<seed>``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neural_sculpting.errors import UserError, without_tilde
from neural_sculpting.pretrained import TrainedNetwork
from neural_sculpting.pretrained.reading import NETWORKS_CACHED
from neural_sculpting.records.finished import list_groups, require_groups

if TYPE_CHECKING:
    import pandas as pd

    from neural_sculpting.records.record import GroupRecord

TRIAL = re.compile(r"(?P<folder>.+)@(?P<kind>job)?(?P<number>\d+)", re.ASCII)
LEARNED = ("sculpted", "constant")
WHY = {"never_learned": "it never learned the task", "lost": "it lost the task while edges were pruned"}
MOST_NAMED = 4
"""Trials that a message lists."""


def start_named(name: object) -> TrainedNetwork | None:
    """Load the network that a trial of a sweep selected, named ``<folder>@<seed>`` or ``<folder>@job<number>``.

    None for any other text, such as the path of a file.

    Raises:
        UserError: if there is no such folder or finished trial, several have the seed, or the trial failed.
    """
    named = TRIAL.fullmatch(name) if isinstance(name, str) else None
    if named is None or Path(named[0]).is_file():
        return None
    folder = without_tilde("network", named["folder"])
    try:
        groups = list_groups(folder) or require_groups(folder)
    except UserError as error:
        raise UserError(f"network={named[0]}: {error}; must be the folder of a sweep before the last @") from None
    changed = tuple((path, path.stat().st_mtime_ns) for path in groups)
    return _start(named[0], folder, named["kind"] or "seed", int(named["number"]), changed)


@lru_cache(NETWORKS_CACHED)
def _start(name: str, folder: Path, kind: str, number: int, groups: tuple[tuple[Path, int], ...]) -> TrainedNetwork:
    """Load a trial, once for all jobs of a sweep; the times at which groups were written are for the cache alone."""
    from neural_sculpting.records.sweep import Sweep  # takes seconds: torch

    sweep = Sweep.open(folder)
    trials = sweep.by_job
    found = trials[trials[kind] == number]
    if found.empty:
        running = f"; {sweep.missing} of its jobs are not finished" if sweep.missing else ""
        numbers = ", ".join(map(str, sorted(set(trials[kind]))[: 2 * MOST_NAMED]))
        more = ", …" * (trials[kind].nunique() > 2 * MOST_NAMED)
        raise UserError(f"network={name}: no trial with {kind} {number}{running}; must be one of {numbers}{more}")
    if len(found) > 1:
        each = [f"@job{row.job} ({row.layers}{', ' * bool(row.setting)}{row.setting})" for row in found.itertuples()]
        more = f" and {len(each) - MOST_NAMED} more" * (len(each) > MOST_NAMED)
        named = f"{', '.join(each[:MOST_NAMED])}{more}"
        raise UserError(f"network={name}: {len(each)} trials have seed {number}; must be one of {named}")
    row = found.iloc[0]
    return start_of(sweep.groups[row["group"]], row, name)


def start_of(group: GroupRecord, row: pd.Series, name: str | None = None) -> TrainedNetwork:
    """Return the network of a trial, a row of :attr:`~.sweep.Sweep.by_job`, as one to start from.

    Raises:
        UserError: if the trial failed, or its network is no perceptron.
    """
    from neural_sculpting.networks.layout import as_perceptron

    shown = f"network={name}" if name else "network"
    if row["status"] not in LEARNED:
        why = row["reason"] or WHY[row["status"]]
        raise UserError(f"{shown}: its trial has no network that performs its task ({why})")
    number = int(row["network"])
    layout = as_perceptron(group.layout, shown)
    parameters, edges = group.packed.parameters_of(number), group.packed.edges_of(number)
    return TrainedNetwork(
        weights=tuple(layout.stage_weights(parameters[: layout.edges])),
        biases=tuple(np.split(parameters[layout.edges :], np.cumsum(layout.layers[1:-1]))),
        masks=tuple(layout.stage_masks(edges)),
        file=name,
        hierarchy=group.graphs[number],
        reader=group.config.analysis.reader,
        accuracy=float(row["accuracy"]),
        names=(group.input_names, group.output_names),
    )
