"""The Python door to the pipeline: the same configuration, checks and batches as the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import index
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.composition import compose
from neural_sculpting.errors import UserError
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.reporting.pictures import best_first, picture_of
from neural_sculpting.reporting.records import GroupRecord
from neural_sculpting.reporting.storage import group_paths, load_group, new_group
from neural_sculpting.reporting.tables import merge, rates_of_sweep
from neural_sculpting.reporting.terminal_rates import rates_lines
from neural_sculpting.schemas import MAX_SEED

PRINTED_WIDTH = 80
"""Columns that a printed result has room in."""


@dataclass(frozen=True, repr=False)
class Result:
    """What was found in the trials of one or several groups.

    A trial is named by its seed, or by the number of its job where several trials have the same seed.

    Attributes:
        groups: their records, with the masks of all networks and the weights of the selected ones.
    """

    groups: tuple[GroupRecord, ...]

    @cached_property
    def networks(self) -> pd.DataFrame:
        """One row for each sculpted network."""
        return merge(self.groups, "networks")

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row for each trial, and for each way of selection where there is a choice."""
        return merge(self.groups, "trials")

    @cached_property
    def success_rates(self) -> pd.DataFrame:
        """Rates with 95 % Wilson intervals: one row for each cell, criterion and rule for ties."""
        return rates_of_sweep(self.trials, self.groups)

    def hierarchy(self, seed: int | None = None, job: int | None = None) -> nx.DiGraph | None:
        """The hierarchy that a trial found: modules with the attributes ``inputs`` and ``outputs``.

        The best trial's where none is named; None where its analysis failed.
        """
        group, trial = self._trial(seed, job)
        return group.graphs[trial["network"]]

    def masks(self, seed: int | None = None, job: int | None = None) -> list[NDArray[np.bool_]]:
        """The masks of a trial's sculpted network, ``(fan_in, fan_out)`` for each weight layer."""
        group, trial = self._trial(seed, job)
        return group.masks_of(trial["network"])

    def picture(self, seed: int | None = None, job: int | None = None) -> str:
        """The network and the hierarchy of a trial as SVG; of the best trial where none is named."""
        return picture_of(*self._trial(seed, job))

    def save(self, folder: str | Path) -> Path:
        """Write the records where :func:`load` finds them.

        Raises:
            UserError: if the folder holds them already, or cannot be written.
        """
        for record in self.groups:
            with new_group(Path(folder), first_job=int(record.trials["job"].min())) as group:
                group.save(record)
        return Path(folder)

    def _trial(self, seed: int | None, job: int | None) -> tuple[GroupRecord, pd.Series]:
        """The group and the row of the only trial of a seed or job, or of the best of all trials."""
        answers = pd.concat([group.answers.assign(group=place) for place, group in enumerate(self.groups)])
        for name, value in (("seed", seed), ("job", job)):
            if value is None:
                continue
            found = answers[answers[name] == value]
            if len(found) != 1 and job is None and not found.empty:
                raise UserError(
                    f"seed={seed}: several trials have it; name one by job={', '.join(map(str, found['job']))}"
                )
            if found.empty:
                raise UserError(
                    f"{name}={value}: no such trial; there are {', '.join(map(str, sorted(answers[name])))}"
                )
            answers = found
        best = best_first(answers.reset_index(drop=True)).iloc[0]
        return self.groups[best["group"]], best

    def __str__(self) -> str:
        return "\n".join(rates_lines(self.trials, self.success_rates, PRINTED_WIDTH))

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return self.picture()


def sculpt(
    task: str = "boolean_sep",
    seeds: int | Iterable[int] = 36,
    *,
    hidden: Sequence[int] | None = None,
    overrides: Sequence[str] = (),
) -> Result:
    """Sculpt one network for each seed, all in one batch, and find their modules and hierarchies.

    Args:
        task: the name of a task.
        seeds: how many (0, 1, …), or which.
        hidden: widths of the hidden layers.
        overrides: further settings as on the command line, such as ``"pruning.unit.step=50"``.

    Raises:
        UserError: at a setting that does not exist or is out of its range.

    Example:
        >>> result = sculpt("boolean_sep_reused", seeds=[3], hidden=[24, 24])
        >>> result.masks(seed=3)[0].shape
        (6, 24)
    """
    if isinstance(overrides, str) or any(line.startswith(("seed=", "logger", "pictures=")) for line in overrides):
        raise UserError(f"overrides={overrides!r}: must be a list of settings, without seed, logger and pictures")
    shape = [] if hidden is None else [f"arch.hidden={_whole_numbers('hidden', hidden)}"]
    chosen = _whole_numbers("seeds", range(seeds) if isinstance(seeds, int) else seeds)
    if not chosen or min(chosen) < 0 or max(chosen) > MAX_SEED:
        raise UserError(f"seeds={seeds}: must be a number, 1 or more, or a list of whole numbers from 0 to {MAX_SEED}")
    return Result((sculpt_group(compose([f"task={task}", *shape, *overrides]), chosen),))


def load(folder: str | Path) -> Result:
    """Load the finished groups of a sweep, or what :meth:`Result.save` wrote. No code of the files is run.

    Raises:
        UserError: if there is none, or one is of another format or incomplete.
    """
    return Result(tuple(load_group(path) for path in group_paths(Path(folder))))


def _whole_numbers(name: str, values: Iterable[int]) -> list[int]:
    """Numbers of any integer type as Python's own."""
    try:
        if isinstance(values, str):
            raise TypeError
        return [index(value) for value in values]
    except TypeError:
        raise UserError(f"{name}={values!r}: must be a list of whole numbers") from None
