"""Trials that should all find the same hierarchy, and the hierarchies that they found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from neural_sculpting.analysis.equivalence import same_hierarchy
from neural_sculpting.records.compared import as_compared, compared_labels
from neural_sculpting.records.pruning_paths import PruningPath, pruning_paths
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.tables import best_first
from neural_sculpting.scoring.consensus import Consensus, consensus_of
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.scoring.labels import Labels

if TYPE_CHECKING:
    from neural_sculpting.records.sweep import Sweep


@dataclass(frozen=True, eq=False)
class Cell:
    """Trials of one task, with the same settings and the same expected hierarchy.

    Architectures are pooled, as the paper does, as long as they are expected to show the same hierarchy.

    Attributes:
        sweep: the sweep that they belong to.
        trials: rows of ``Sweep.selected``.
        task: its name and parameters.
        setting: what was swept beside task, layers and seed, or nothing.
        depths: the numbers of hidden layers, where the task has other hierarchies at other depths.
    """

    sweep: Sweep
    trials: pd.DataFrame
    task: str = ""
    setting: str = ""
    depths: str = ""

    @property
    def label(self) -> str:
        """Everything that distinguishes this cell from the others of the sweep."""
        return " · ".join(part for part in (self.task, self.setting, self.depths) if part)

    @property
    def is_judged(self) -> bool:
        """Whether it is known which trials succeeded."""
        return bool(self.trials["exact"].notna().all())

    @cached_property
    def expected(self) -> nx.DiGraph | None:
        """The expected hierarchy in the form of :func:`as_compared`; None where it is not known."""
        return as_compared(self._first.expected, self._first) if self._first.expected is not None else None

    @property
    def has_images(self) -> bool:
        """Whether inputs are pixels of images."""
        return self._first.image_shape is not None

    @property
    def labels(self) -> Labels:
        """The names of the inputs and outputs of :attr:`hierarchies` and :attr:`expected`."""
        return compared_labels(self._first)

    @cached_property
    def graphs(self) -> list[nx.DiGraph | None]:
        """The hierarchy that each trial found; None where the analysis failed."""
        pairs = zip(self.trials["group"], self.trials["network"], strict=True)
        return [self.sweep.groups[group].graphs[network] for group, network in pairs]

    @cached_property
    def hierarchies(self) -> list[Consensus]:
        """The hierarchies that were found, in the form of :func:`as_compared` and as the best trial of each found it.

        The most frequent comes first. Trials that do not perform the task have none: their networks are no evidence.
        """
        rows = zip(self.graphs, self.trials["group"], self.trials["status"], strict=True)
        compared = [
            as_compared(graph, self.sweep.groups[group]) if graph is not None and status == "sculpted" else None
            for graph, group, status in rows
        ]
        return [replace(one, graph=compared[self._best_of(one)]) for one in consensus_of(compared)]

    @property
    def consensus(self) -> Consensus | None:
        """The hierarchy that most trials found; None where no trial has one."""
        return self.hierarchies[0] if self.hierarchies else None

    @property
    def best(self) -> pd.Series | None:
        """The best of the trials that found the consensus; None where there is none."""
        return self.trials.iloc[self._best_of(self.hierarchies[0])] if self.hierarchies else None

    @cached_property
    def failures(self) -> list[Failure | None]:
        """Why each trial is no success; None for a success, and where no hierarchy is expected."""
        return [self.sweep.failure(trial) for _, trial in self.trials.iterrows()]

    @cached_property
    def paths(self) -> list[PruningPath]:
        """How the network of each trial was pruned."""
        return pruning_paths(self.sweep.groups, self.trials)

    def is_expected(self, graph: nx.DiGraph) -> bool:
        """Whether a hierarchy in the form of :func:`as_compared` is the expected one."""
        return self.expected is not None and same_hierarchy(graph, self.expected)

    def _best_of(self, found: Consensus) -> int:
        """The position among the trials of the best that found a hierarchy."""
        members = self.trials.iloc[list(found.members)].reset_index(drop=True)
        return found.members[int(best_first(members).index[0])]

    @property
    def _first(self) -> GroupRecord:
        """A record of the cell; all have the same expected hierarchy and names."""
        return self.sweep.groups[int(self.trials["group"].iloc[0])]
