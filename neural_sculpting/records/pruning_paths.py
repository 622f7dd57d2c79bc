"""How each trial's selected network was pruned: its attempts, from the dense network to the sculpted one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.records.record import GroupRecord

PHASES = "unit,edge"
"""Of trials that are older than the column."""


@dataclass(frozen=True, eq=False)
class PruningPath:
    """The attempts that led to one network.

    Attributes:
        density: ``(attempt,)``, the share of the edges that remained, in order; first that of the dense network.
        accepted: ``(attempt,)``, whether it was accepted.
        attempts: how many of them each phase had, in the order of the phases; 0 where the network did not take part.
    """

    density: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    attempts: Mapping[str, int]

    @property
    def kept(self) -> NDArray[np.float64]:
        """``(attempt,)``, the density of the last accepted network after each attempt."""
        last = np.maximum.accumulate(np.where(self.accepted, np.arange(len(self.accepted)), 0))
        return np.asarray(self.density[last])

    def kept_in(self, phase: str) -> NDArray[np.float64]:
        """The same for the attempts of one phase."""
        parts = np.split(self.kept, np.cumsum([*self.attempts.values()]))
        return dict(zip(self.attempts, parts, strict=False)).get(phase, self.kept[:0])


def pruning_paths(groups: Sequence[GroupRecord], trials: pd.DataFrame) -> list[PruningPath]:
    """Find the attempts that led to the selected network of each trial, a row of ``Sweep.selected``."""
    found = {
        (number, seed): PruningPath(
            rows["density"].to_numpy(),
            rows["accepted"].to_numpy(dtype=bool),
            {phase: int((rows["phase"] == phase).sum()) for phase in rows["phases"].iat[0].split(",")},
        )
        for number, chosen in trials.groupby("group")
        for seed, rows in _attempts_of(groups[number], chosen).groupby("seed")
    }
    return [found[key] for key in zip(trials["group"], trials["seed"], strict=True)]


def _attempts_of(group: GroupRecord, trials: pd.DataFrame) -> pd.DataFrame:
    """The shared first round of each phase, and the attempts with the steps of the selected networks."""
    steps = ["unit_step", "edge_step"]
    phases = trials["phases"].fillna(PHASES) if "phases" in trials else PHASES
    same = ["seed", *(["variant"] if "variant" in group.history else [])]
    history = group.history.merge(trials[[*same, *steps]].assign(phases=phases), on=same, suffixes=("", "_chosen"))
    fits = pd.Series(True, index=history.index)
    for step in steps:
        fits &= history[step].isna() | (history[step] == history[f"{step}_chosen"])
    chosen = history[fits]
    order = [names.split(",").index(phase) for names, phase in zip(chosen["phases"], chosen["phase"], strict=True)]
    return chosen.assign(order=order).sort_values(["seed", "order", "attempt"], kind="stable")
