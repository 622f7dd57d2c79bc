"""What a page shows of a sweep: its groups, how they were made, and one row for each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from neural_sculpting.records.group_files import load_group, read_about
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.selected_trials import selected_trials_of
from neural_sculpting.records.store import group_paths
from neural_sculpting.records.tables import swept_settings


@dataclass(frozen=True, eq=False)
class Sweep:
    """The groups of a sweep that are finished.

    Attributes:
        folder: where they lie.
        groups: their records, in the order of their jobs.
        about: what stands in ``group.json`` of each.
        overrides: what the command changed, such as ``"task=boolean_sep"``; empty where that is not known.
        multirun: whether it is a sweep, or one job.
        jobs: how many jobs it has, where that is known.
    """

    folder: Path
    groups: Sequence[GroupRecord]
    about: Sequence[Mapping[str, Any]]
    overrides: tuple[str, ...] = ()
    multirun: bool = True
    jobs: int | None = None

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.resolve().name

    @cached_property
    def selected_trials(self) -> pd.DataFrame:
        """One row for each trial: the network that the chosen selection takes.

        As :func:`~neural_sculpting.records.selected_trials.selected_trials_of` gives it, with ``setting``: what
        was swept beside task, layers and seed, such as ``"training.lr=0.05"``, or nothing.
        """
        rows = selected_trials_of(self.groups)
        settings = [_in_words(row) for row in swept_settings(self.groups).to_dict("records")]
        return rows.assign(setting=rows["group"].map(dict(enumerate(settings))))

    @property
    def missing(self) -> int:
        """How many jobs have no row; 0 where their number is not known."""
        return 0 if self.jobs is None else self.jobs - len({job for about in self.about for job in about["jobs"]})


def open_sweep(folder: Path, groups: Sequence[GroupRecord] | None = None, **plan: Any) -> Sweep:
    """Bring together what a page needs.

    Args:
        folder: of the sweep.
        groups: its records in the order of their jobs, where they are loaded already.
        **plan: ``overrides``, ``multirun`` and ``jobs`` of the run that left the folder.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
    """
    paths = group_paths(folder)
    return Sweep(folder, groups or [load_group(path) for path in paths], [read_about(path) for path in paths], **plan)


def _in_words(settings: Mapping[Any, Any]) -> str:
    return ", ".join(f"{key}={'null' if pd.isna(value) else _short(value)}" for key, value in settings.items())


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
