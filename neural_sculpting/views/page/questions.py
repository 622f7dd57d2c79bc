"""What a sweep asks, and the answer: trials that should all find the same hierarchy, and what they found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.analysis.equivalence import hierarchy_classes, same_hierarchy
from neural_sculpting.records.found_hierarchies import (
    as_compared,
    best_of,
    compared_labels,
    found_hierarchies,
    graphs_of,
)
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.scoring.labels import Labels
from neural_sculpting.views.page.failures import failures_of
from neural_sculpting.views.page.pruning_paths import PruningPath, pruning_paths
from neural_sculpting.views.page.sweeps import Sweep


@dataclass(frozen=True, eq=False)
class Question:
    """The trials of one task, with the same settings and the same expected hierarchy.

    Architectures are pooled, as the paper does, as long as they are expected to show the same hierarchy.

    Attributes:
        task: its name and parameters.
        setting: what was swept beside task, layers and seed, or nothing.
        depths: the numbers of hidden layers, where the task has other hierarchies at other depths.
        trials: their rows, with the labels of ``Sweep.selected_trials``.
        graphs: what they found; None where the analysis failed.
        failures: why they failed, None for a success.
        paths: how their networks were pruned.
        groups: the records of the sweep.
    """

    task: str
    setting: str
    depths: str
    trials: pd.DataFrame
    graphs: Sequence[nx.DiGraph | None]
    failures: Sequence[Failure | None]
    paths: Sequence[PruningPath]
    groups: Sequence[GroupRecord]

    @property
    def label(self) -> str:
        """Everything that tells this question from the others of the sweep."""
        return " · ".join(part for part in (self.task, self.setting, self.depths) if part)

    @property
    def is_judged(self) -> bool:
        """Whether it is known which trials succeeded."""
        return bool(self.trials["exact"].notna().all())

    @property
    def expected(self) -> nx.DiGraph | None:
        """The expected hierarchy as it is drawn."""
        return as_compared(self._first.expected, self._first) if self._first.expected is not None else None

    @property
    def has_images(self) -> bool:
        """Whether inputs are pixels of two images."""
        return self._first.image_shape is not None

    @property
    def labels(self) -> Labels:
        """How the inputs and outputs of the drawn hierarchies are named."""
        return compared_labels(self._first)

    @cached_property
    def consensus(self) -> list[Consensus]:
        """The hierarchies that were found, by how many trials found them."""
        return found_hierarchies(self.groups, self.trials)

    @property
    def best(self) -> pd.Series | None:
        """The best of the trials that found the most frequent hierarchy; None where no trial has one."""
        return self.trials.iloc[best_of(self.consensus[0], self.trials)] if self.consensus else None

    def is_expected(self, drawn: nx.DiGraph) -> bool:
        """Whether a hierarchy as it is drawn is the expected one."""
        return self.expected is not None and same_hierarchy(drawn, self.expected)

    @property
    def _first(self) -> GroupRecord:
        """A record of the question: in what is expected and how things are named all are alike."""
        return self.groups[int(self.trials["group"].iloc[0])]


def questions_of(sweep: Sweep) -> list[Question]:
    """Divide the trials of a sweep into its questions, in the order of the jobs."""
    classes = hierarchy_classes([group.expected for group in sweep.groups])
    answers = sweep.selected_trials
    keys = answers[["title", "setting"]].assign(expected=[classes[group] for group in answers["group"]])
    several = keys.drop_duplicates().groupby(["title", "setting"])["expected"].transform("size") > 1
    depths_matter = several.reindex(answers.index).groupby([keys[name] for name in keys], dropna=False).transform("max")
    return [_question(sweep, rows, by_depth=bool(depths_matter[rows.index[0]])) for rows in _divided(answers, keys)]


def masks_of(sweep: Sweep, trial: pd.Series) -> list[NDArray[np.bool_]]:
    """The masks of the network that is a trial's answer."""
    return sweep.groups[int(trial["group"])].masks_of(int(trial["network"]))


def _divided(answers: pd.DataFrame, keys: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, rows in answers.groupby([keys[name] for name in keys], sort=False, dropna=False):
        yield rows


def _question(sweep: Sweep, rows: pd.DataFrame, *, by_depth: bool) -> Question:
    depths = sorted(rows["hidden_layers"].unique())
    counted = f"{' and '.join(map(str, depths))} hidden layer{'' if depths == [1] else 's'}"
    return Question(
        task=rows["title"].iloc[0],
        setting=rows["setting"].iloc[0],
        depths=counted if by_depth else "",
        trials=rows,
        graphs=graphs_of(sweep.groups, rows),
        failures=failures_of(sweep.groups, rows),
        paths=pruning_paths(sweep, rows),
        groups=sweep.groups,
    )
