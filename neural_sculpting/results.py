"""Results, which can be queried, shown, saved and loaded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from operator import index
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.errors import UserError
from neural_sculpting.records.answers import POOLED
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.changes import change_rows
from neural_sculpting.records.compared import compared_labels
from neural_sculpting.records.lesions import CellLesions
from neural_sculpting.records.null_readings import Nulls
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.stability import CellStability
from neural_sculpting.records.store import save_group
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import best_first
from neural_sculpting.scoring.consensus import FoundHierarchy, consensus_of
from neural_sculpting.trial import Trial
from neural_sculpting.views.shown import ShownAnswer, ShownHierarchy, ShownText, shown_graphs
from neural_sculpting.views.terminal.answers import answer_lines
from neural_sculpting.views.terminal.failures import count_of
from neural_sculpting.views.terminal.hierarchies import agreement_lines
from neural_sculpting.views.terminal.rates import rates_lines
from neural_sculpting.views.terminal.summary import summary_text

PRINTED_WIDTH = 80
"""Columns of a printed result."""


class Agreement(NamedTuple):
    """The share of trials that found the answer on their own, and its 95 % Wilson interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """The trials of one or several groups. A notebook shows the summary and the best trial that found it.

    A trial is identified by its seed, or by the number of its job where several trials have the same seed.

    Attributes:
        groups: their records, with the masks of all networks, and the weights of all or of the selected ones.
    """

    groups: tuple[GroupRecord, ...]

    @cached_property
    def sweep(self) -> Sweep:
        """The groups with everything that is computed from them."""
        return Sweep(self.groups)

    @property
    def networks(self) -> pd.DataFrame:
        """One row for each sculpted network."""
        return self.sweep.networks

    @property
    def trials(self) -> pd.DataFrame:
        """One row for each trial, and for each way of selection where there is a choice."""
        return self.sweep.trials

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row for each network and attempt of pruning, group after group; the column ``group`` has their index."""
        return pd.concat([group.history.assign(group=number) for number, group in enumerate(self.groups)])

    @property
    def success_rates(self) -> pd.DataFrame:
        """Rates with 95 % Wilson intervals: one row for each cell, criterion and rule for ties.

        Without rows where no hierarchy is expected.
        """
        return self.sweep.rates

    @cached_property
    def hierarchies(self) -> list[FoundHierarchy]:
        """The hierarchies that were found, the most frequent first, with the share of trials that found each.

        Trials that never learned the task have none. Every trial keeps other pixels of an image: there only the sides
        are compared, and ``inputs`` of a module are 0 for pixels of the left image and 1 for those of the right one.
        """
        found, rows = self._pooled.hierarchies, self._pooled.trials["group"]
        labels = [compared_labels(self.groups[rows.iloc[one.members[0]]]) for one in found]
        return [replace(one, graph=ShownHierarchy(one.graph, each)) for one, each in zip(found, labels, strict=True)]

    @cached_property
    def _pooled(self) -> Cell:
        return Cell(self.sweep, self.sweep.by_job)

    @property
    def consensus(self) -> ShownHierarchy | None:
        """The hierarchy that trials agree on: at least two found it, and more than any other; None if there is none."""
        found = consensus_of(self.hierarchies)
        return found.graph if found else None

    @cached_property
    def answer(self) -> ShownAnswer | None:
        """The hierarchy that all trials of the task together support, and how many of them support each of its parts.

        None if no trial learned the task.

        Raises:
            UserError: if the trials are of several tasks, which have an answer each.
        """
        return ShownAnswer.of(self._of_one_task("answer"))

    @property
    def answers(self) -> pd.DataFrame:
        """One row for each cell: the answer to its task, see :func:`~neural_sculpting.records.answers.answer_rows`."""
        return self.sweep.answers

    @property
    def agreement(self) -> Agreement:
        """The share of trials that found the :attr:`answer` on their own, with its 95 % interval; 0 if there is none.

        Of several tasks it is that of the most frequent hierarchy. It is no probability that the answer is right.
        """
        if len(self.sweep.tasks) == 1 and self._pooled.answer is not None:
            share = self._pooled.answer.agreement
            return Agreement(share.share, share.low, share.high)
        if not self.hierarchies:
            return Agreement(0.0, 0.0, 1.0)
        first = self.hierarchies[0]
        return Agreement(first.share, first.low, first.high)

    @property
    def confidence(self) -> float | None:
        """The probability that the :attr:`answer` is right; None where it is not known, as of several tasks.

        It is calibrated on tasks with a known answer, see :func:`~neural_sculpting.records.confidence.evidence_of` for
        which. Most trials may agree on something wrong: the :attr:`agreement` is no such probability.
        """
        return self._pooled.confidence if len(self.sweep.tasks) == 1 else None

    @property
    def ceiling(self) -> Decomposition | None:
        """The hierarchy that the examples determine without a network; None where they do not tell, as for images.

        Raises:
            UserError: as :attr:`answer`.
        """
        cell = self._of_one_task("ceiling")
        found = cell.first_group.ceiling
        return None if found is None else replace(found, **shown_graphs(found, cell.labels))

    @property
    def changes(self) -> pd.DataFrame:
        """What has changed since the sculpted network that trials started from, see :func:`change_rows`."""
        return change_rows(self.sweep)

    @property
    def nulls(self) -> Nulls | None:
        """How often the :attr:`answer` is found with rewired edges, or with all edges; None if there is no answer.

        Raises:
            UserError: as :attr:`answer`.
        """
        return self._of_one_task("nulls").nulls

    @property
    def lesions(self) -> CellLesions | None:
        """Whether hierarchies predict which outputs break when a module is disturbed; None where that is not known.

        Raises:
            UserError: as :attr:`answer`.
        """
        return self._of_one_task("lesions").lesions

    @property
    def stability(self) -> CellStability:
        """How far hierarchies agree between seeds, between the networks of a trial, and between draws of the rows.

        Raises:
            UserError: as :attr:`answer`.
        """
        return self._of_one_task("stability").stability

    def _of_one_task(self, asked: str) -> Cell:
        if len(tasks := self.sweep.tasks) > 1:
            raise UserError(f"{asked}: these are trials of {len(tasks)} tasks; result.answers has a row for each")
        return self._pooled

    @property
    def expected(self) -> ShownHierarchy | None:
        """The hierarchy that counts as success; None where it is not known."""
        group = self.groups[0]
        return None if group.expected is None else ShownHierarchy(group.expected, group.labels)

    def trial(self, seed: int | None = None, job: int | None = None) -> Trial:
        """The only trial of a seed or job; the best of all if none is named.

        Where no hierarchy is expected, that is the sparsest of those that found the consensus.

        Raises:
            UserError: if there is no such trial, or several have the seed.
        """
        chosen = self.sweep.by_job
        for name, value in (("seed", seed), ("job", job)):
            if value is None:
                continue
            found = chosen[chosen[name] == value]
            if found.empty:
                raise UserError(f"{name}={value}: no such trial; there are {', '.join(map(str, sorted(chosen[name])))}")
            if len(found) > 1 and job is None:
                raise UserError(
                    f"seed={seed}: several trials have it; name one by job={', '.join(map(str, found['job']))}"
                )
            chosen = found
        return Trial(self.sweep, best_first(chosen).iloc[0])

    @overload
    def __getitem__(self, number: int) -> Trial: ...
    @overload
    def __getitem__(self, number: slice) -> list[Trial]: ...
    def __getitem__(self, number: int | slice) -> Trial | list[Trial]:
        """Return a trial by its number in the order of the jobs, or several; negative numbers count from the end."""
        rows = self.sweep.by_job
        if isinstance(number, slice):
            return [Trial(self.sweep, row) for _, row in rows[number].iterrows()]
        if not -len(rows) <= index(number) < len(rows):
            raise IndexError(f"{number}: must be less than {len(rows)}, the number of trials")
        return Trial(self.sweep, rows.iloc[index(number)])

    def __iter__(self) -> Iterator[Trial]:
        """All trials in the order of their jobs."""
        return (Trial(self.sweep, row) for _, row in self.sweep.by_job.iterrows())

    def __len__(self) -> int:
        return len(self.sweep.by_job)

    def hierarchy(self, seed: int | None = None, job: int | None = None) -> ShownHierarchy | None:
        """The hierarchy that a trial found, as :attr:`Trial.hierarchy`; the best trial's if none is named."""
        return self.trial(seed, job).hierarchy

    def masks(self, seed: int | None = None, job: int | None = None) -> list[NDArray[np.bool_]]:
        """The masks of a trial's sculpted network, as :attr:`Trial.masks`."""
        return self.trial(seed, job).masks

    def picture(self, seed: int | None = None, job: int | None = None, *, weights: bool | None = None) -> str:
        """The network and the hierarchy of a trial, as :meth:`Trial.picture`; the best trial's if none is named."""
        return self.trial(seed, job).picture(weights=weights)

    def summary(self) -> ShownText:
        """Return what the terminal shows of a sweep: rates, the hierarchy, its formulas, and why trials failed."""
        return ShownText(summary_text(self.sweep, PRINTED_WIDTH))

    def save(self, folder: str | Path) -> Path:
        """Write the records where :func:`~neural_sculpting.load` finds them.

        Raises:
            UserError: if the folder contains them already, or cannot be written.
        """
        for record in self.groups:
            save_group(record, Path(folder))
        return Path(folder)

    def __str__(self) -> str:
        if self.success_rates.empty:
            together = all(group.config.analysis.reader in POOLED for group in self.groups)
            together = together and len(self.sweep.tasks) == 1 and self._pooled.answer is not None
            found = count_of(len(self), "trial") + ("" if together else self._agreeing())
            lines_of = answer_lines if together else agreement_lines
            hierarchies = lines_of(self._pooled, width=PRINTED_WIDTH, formulas=False)
            return "\n".join([found, *(line for line, _ in hierarchies)])
        return "\n".join(rates_lines(self.trials, self.success_rates, PRINTED_WIDTH))

    def _agreeing(self) -> str:
        if not self.hierarchies:
            return ", none with a hierarchy"
        first = self.hierarchies[0]
        if first.trials == 1:
            return ", no two with the same hierarchy" if len(self) > 1 else ""
        return f", {first.share:.0%} with the same hierarchy (95 % interval {first.low:.0%} to {first.high:.0%})"

    __repr__ = __str__

    def _repr_svg_(self) -> str | None:
        return self.trial()._repr_svg_()

    def _repr_html_(self) -> str:
        return f"{self.summary()._repr_html_()}{self._repr_svg_() or ''}"
