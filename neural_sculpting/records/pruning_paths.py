"""How each trial's selected network was pruned: its attempts, from the dense network to the sculpted one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.records.record import GroupRecord

PHASES = ("unit", "edge")


@dataclass(frozen=True, eq=False)
class PruningPath:
    """The attempts that led to one network.

    Attributes:
        density: ``(attempt,)``, the share of the edges that remained, in order; first that of the dense network.
        accepted: ``(attempt,)``, whether it was accepted.
        edge_phase: how many of the attempts pruned units, so the index of the first that pruned edges.
    """

    density: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    edge_phase: int

    @property
    def kept(self) -> NDArray[np.float64]:
        """``(attempt,)``, the density of the last accepted network after each attempt."""
        last = np.maximum.accumulate(np.where(self.accepted, np.arange(len(self.accepted)), 0))
        return np.asarray(self.density[last])


def pruning_paths(groups: Sequence[GroupRecord], trials: pd.DataFrame) -> list[PruningPath]:
    """Find the attempts that led to the selected network of each trial, a row of ``Sweep.selected``."""
    found = {
        (number, seed): PruningPath(
            rows["density"].to_numpy(),
            rows["accepted"].to_numpy(dtype=bool),
            int((rows["phase"] == PHASES[0]).sum()),
        )
        for number, chosen in trials.groupby("group")
        for seed, rows in _attempts_of(groups[number], chosen).groupby("seed")
    }
    return [found[key] for key in zip(trials["group"], trials["seed"], strict=True)]


def _attempts_of(group: GroupRecord, trials: pd.DataFrame) -> pd.DataFrame:
    """The shared first round of each phase, and the attempts with the steps of the selected networks."""
    steps = ["unit_step", "edge_step"]
    history = group.history.merge(trials[["seed", *steps]], on="seed", suffixes=("", "_chosen"))
    fits = history["unit_step"].notna() | (history["phase"] == PHASES[0])
    for step in steps:
        fits &= history[step].isna() | (history[step] == history[f"{step}_chosen"])
    chosen = history[fits]
    return chosen.assign(order=chosen["phase"].map(PHASES.index)).sort_values(
        ["seed", "order", "attempt"], kind="stable"
    )
