"""Trials that should all find the same hierarchy, and the hierarchies that they found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.analysis.equivalence import is_expected, same_hierarchy
from neural_sculpting.records.accuracies import Accuracy, accuracies_of
from neural_sculpting.records.answers import answer_of_networks, reading_of_cell
from neural_sculpting.records.compared import as_compared, compared_graph, compared_labels, compared_shape
from neural_sculpting.records.confidence import confidence_of
from neural_sculpting.records.known_rows import answer_of_cell
from neural_sculpting.records.lesions import lesions_of_cell
from neural_sculpting.records.majority import have_learned
from neural_sculpting.records.null_readings import Nulls, nulls_of
from neural_sculpting.records.pruning_paths import PruningPath, pruning_paths
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.stability import stability_of_cell
from neural_sculpting.records.tables import best_first
from neural_sculpting.scoring.co_membership import CoMembership, co_membership
from neural_sculpting.scoring.consensus import FoundHierarchy, consensus_of, found_hierarchies
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
    def keys(self) -> dict[str, Any]:
        """Whatever is the same in all trials of what was swept, by its column."""
        first = self.trials.iloc[0]
        columns = self.sweep.cell_columns
        return {name: first[name] for name in columns if self.trials[name].nunique(dropna=False) == 1}

    @cached_property
    def learned(self) -> NDArray[np.bool_]:
        """Which trials have learned the task, see :func:`have_learned`."""
        groups = self.trials["group"].to_numpy(dtype=np.int64)
        learned = np.zeros(len(groups), dtype=np.bool_)
        for number in set(groups.tolist()):
            learned[groups == number] = have_learned(self.trials[groups == number], self.sweep.groups[number])
        return learned

    @property
    def first_group(self) -> GroupRecord:
        """A record of the cell; all have the same expected hierarchy and names."""
        return self.sweep.groups[int(self.trials["group"].iloc[0])]

    @property
    def is_judged(self) -> bool:
        """Whether it is known which trials succeeded."""
        return bool(self.trials["exact"].notna().all())

    @cached_property
    def expected(self) -> nx.DiGraph | None:
        """The expected hierarchy in the form of :func:`as_compared`; None where it is not known."""
        return (
            as_compared(self.first_group.expected, self.first_group) if self.first_group.expected is not None else None
        )

    @property
    def has_images(self) -> bool:
        """Whether inputs are pixels of images."""
        return self.first_group.image_shape is not None

    @property
    def labels(self) -> Labels:
        """The names of the inputs and outputs of :attr:`hierarchies` and :attr:`expected`."""
        return compared_labels(self.first_group)

    @cached_property
    def graphs(self) -> list[nx.DiGraph | None]:
        """The hierarchy that each trial found; None where the analysis failed."""
        pairs = zip(self.trials["group"], self.trials["network"], strict=True)
        return [self.sweep.groups[group].graphs[network] for group, network in pairs]

    @cached_property
    def compared(self) -> list[nx.DiGraph | None]:
        """The hierarchy of each trial, see :func:`compared_graph`."""
        rows = zip(*(self.trials[column] for column in ("group", "network", "status")), strict=True)
        return [compared_graph(self.sweep.groups[group], network, status) for group, network, status in rows]

    @cached_property
    def hierarchies(self) -> list[FoundHierarchy]:
        """The hierarchies of :attr:`compared`, as the best trial of each found it, the most frequent first."""
        return [replace(one, graph=self.compared[self._best_of(one)]) for one in found_hierarchies(self.compared)]

    @property
    def consensus(self) -> FoundHierarchy | None:
        """The hierarchy that trials agree on, see :func:`consensus_of`."""
        return consensus_of(self.hierarchies)

    reading = cached_property(reading_of_cell)
    networks_answer = cached_property(answer_of_networks)
    answer = cached_property(answer_of_cell)
    lesions = cached_property(lesions_of_cell)
    stability = cached_property(stability_of_cell)

    @property
    def is_of_networks(self) -> bool:
        """Whether networks say the :attr:`answer`."""
        return self.answer is not None and self.answer.source == "networks"

    @cached_property
    def confidence(self) -> float | None:
        """The probability that the :attr:`answer` is right, see :func:`confidence_of`; None where it is not known."""
        return confidence_of(self) if self.is_of_networks else None

    @cached_property
    def nulls(self) -> Nulls | None:
        """How often the :attr:`answer` is found by chance, see :func:`nulls_of`; None where no networks say it."""
        return nulls_of(self, self.answer) if self.answer and self.is_of_networks else None

    @property
    def shown(self) -> FoundHierarchy | None:
        """The hierarchy to show: the consensus, or the only one that was found; None where several are as frequent."""
        return self.consensus or (self.hierarchies[0] if len(self.hierarchies) == 1 else None)

    @cached_property
    def best(self) -> pd.Series | None:
        """The best of the trials that found the hierarchy :attr:`shown`; None where there is none."""
        return self.trials.iloc[self._best_of(self.shown)] if self.shown else None

    @cached_property
    def best_with_answer(self) -> pd.Series | None:
        """The best of the trials that found the :attr:`answer` on their own; None where there is none."""
        if self.answer is None:
            return None
        same = (one for one in self.hierarchies if same_hierarchy(one.graph, self.answer.hierarchy))
        return next((self.trials.iloc[self._best_of(one)] for one in same), None)

    @property
    def is_split(self) -> bool:
        """Whether trials found several hierarchies, and none of them in more than half of the trials."""
        return len(self.hierarchies) > 1 and self.hierarchies[0].share <= 0.5

    @cached_property
    def co_membership(self) -> CoMembership:
        """What the trials with a hierarchy agree on, whether or not it is the same."""
        return co_membership(self.compared, *compared_shape(self.first_group))

    @property
    def is_measured(self) -> bool:
        """Whether accuracy is measured on other examples than networks learn from."""
        return len(self.first_group.set_sizes) > 1 or bool(self.trials["test_bit_accuracy"].notna().any())

    @property
    def accuracies(self) -> list[Accuracy]:
        """The accuracies of the trials; none where they are not measured."""
        return accuracies_of(self.trials, self.first_group) if self.is_measured else []

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
        return self.expected is not None and is_expected(graph, self.expected)

    def _best_of(self, found: FoundHierarchy) -> int:
        """The position among the trials of the best that found a hierarchy."""
        members = self.trials.iloc[list(found.members)].reset_index(drop=True)
        return found.members[int(best_first(members).index[0])]
