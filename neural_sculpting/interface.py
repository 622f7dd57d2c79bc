"""The Python door to the pipeline: the same configuration, checks and batches as the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
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
from neural_sculpting.reporting.tables import cell_columns, merge, rates_of
from neural_sculpting.reporting.terminal import as_text, rates_table
from neural_sculpting.schemas import MAX_SEED


@dataclass(frozen=True)
class Result:
    """What was found in the trials of one or several groups.

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
        """One row for each trial."""
        return merge(self.groups, "trials")

    @cached_property
    def success_rates(self) -> pd.DataFrame:
        """Rates with 95 % Wilson intervals: one row for each cell, criterion and rule for ties."""
        return rates_of(self.trials, cell_columns(self.groups))

    def hierarchy(self, seed: int) -> nx.DiGraph | None:
        """The hierarchy that a trial found: modules with the attributes ``inputs`` and ``outputs``.

        None where its analysis failed.
        """
        group, trial = self._trial(seed)
        return group.graphs[trial["network"]]

    def masks(self, seed: int) -> list[NDArray[np.bool_]]:
        """The masks of a trial's sculpted network, ``(fan_in, fan_out)`` for each weight layer."""
        group, trial = self._trial(seed)
        return group.masks_of(trial["network"])

    def picture(self, seed: int | None = None) -> str:
        """The network and the hierarchy of a trial as SVG; of the best trial where no seed is given."""
        return picture_of(*self._trial(seed))

    def save(self, folder: str | Path) -> Path:
        """Write the records where :func:`load` finds them.

        Raises:
            UserError: if the folder holds them already, or cannot be written.
        """
        for record in self.groups:
            with new_group(Path(folder), first_job=int(record.trials["job"].min())) as group:
                group.save(record)
        return Path(folder)

    def _trial(self, seed: int | None) -> tuple[GroupRecord, pd.Series]:
        """The only trial of a seed, or the best of all trials."""
        found = [(group, trial) for group in self.groups for _, trial in best_first(group.answers).iterrows()]
        if seed is not None:
            found = [(group, trial) for group, trial in found if trial["seed"] == seed]
            if len(found) != 1:
                raise UserError(f"seed={seed}: {len(found)} trials have it; trials has {sorted(self.trials['seed'])}")
        return found[0]

    def __str__(self) -> str:
        return as_text(rates_table(self.trials, self.success_rates))

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
        >>> len(result.hierarchy(seed=3))
        6
    """
    chosen = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not chosen or not all(isinstance(seed, int) and 0 <= seed <= MAX_SEED for seed in chosen):
        raise UserError(f"seeds={seeds}: must be a number, 1 or more, or a list of whole numbers from 0 to {MAX_SEED}")
    shape = [] if hidden is None else [f"arch.hidden=[{','.join(map(str, hidden))}]"]
    return Result((sculpt_group(compose([f"task={task}", *shape, *overrides]), chosen),))


def load(folder: str | Path) -> Result:
    """Load the finished groups of a sweep, or what :meth:`Result.save` wrote. No code of the files is run.

    Raises:
        UserError: if there is none, or one is of another format or incomplete.
    """
    return Result(tuple(load_group(path) for path in group_paths(Path(folder))))
