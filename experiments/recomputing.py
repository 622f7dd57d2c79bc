"""How stored rows are computed again: by sweeps of single cells, or row by row."""

import io
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from experiments.computed import ComputedStudy
from experiments.study import Study
from neural_sculpting import run
from neural_sculpting.errors import UserError
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import GroupRecord

QUIETLY = ("pictures=none", "report=never", "logger=none")
MOST_SECONDS = 30
"""Of a stored row that says how long it took."""


class Source(ABC):
    """Stored rows, and how to compute some of them again.

    Attributes:
        study: that stores them.
        key: columns that identify a row.
        cell: columns that are the same in the rows that are computed together.
    """

    study: Study
    key: Sequence[str]
    cell: Sequence[str]

    @property
    def name(self) -> str:
        return self.study.name

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        """Return the rows that can be computed again, and what made them."""
        rows, made = self.study.read()
        return rows, made["made_with"]

    @abstractmethod
    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        """Compute chosen rows again: whole cells."""

    def as_stored(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write and read rows as a study does, so that they have the types and the digits of stored ones."""
        text = rows.to_csv(index=False, float_format="%.6g")
        return pd.read_csv(io.StringIO(text), dtype=dict(self.study.types))


class Swept(Source):
    """Rows of groups, each from one sweep of its own."""

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        cells = chosen.drop_duplicates([*self.cell]).to_dict("records")
        return self.as_stored(pd.concat([self._rows(cell) for cell in cells], ignore_index=True))

    def _rows(self, cell: Mapping[str, Any]) -> pd.DataFrame:
        sweep, settings = self.narrowed(cell)
        rows = [self.rows_of(group, sweep) for group in sculpted(narrow(self.study.sweeps[sweep], settings))]
        return pd.concat(rows, ignore_index=True)

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        return self.study.rows_of(group, sweep)

    @abstractmethod
    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        """Return the sweep of a cell, and the settings that choose the cell in it."""


def narrow(overrides: Iterable[str], settings: Mapping[str, object]) -> list[str]:
    """Replace some of the settings of a sweep, so that it computes one cell, without pictures and pages."""
    kept = [line for line in overrides if line.partition("=")[0] not in settings]
    return [*dict.fromkeys((*kept, *(f"{name}={value}" for name, value in settings.items()), *QUIETLY))]


def sculpted(words: Sequence[str]) -> Iterator[GroupRecord]:
    """Run a sweep in a folder that does not stay.

    Raises:
        UserError: if it does not finish.
    """
    with tempfile.TemporaryDirectory() as folder:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as problems:
            code = run.main(["-m", *words, f"hydra.sweep.dir='{folder}/sweep'"])
        if code:
            raise UserError(f"{' '.join(words)}: exit code {code}; {problems.getvalue().strip()}")
        yield from map(load_group, list_groups(Path(folder) / "sweep"))


class Computed(Source):
    """Rows of a study that computes them one by one, those that take seconds; ``names`` are those of ``COMPARED``."""

    study: ComputedStudy

    def __init__(self, study: ComputedStudy, names: Mapping[str, str] = MappingProxyType({})) -> None:
        self.study, self.names = study, names
        self.key = self.cell = study.key

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return rows[self.can_be_again(rows)].rename(columns=self.names), made_with

    def can_be_again(self, rows: pd.DataFrame) -> pd.Series:
        """Mark the rows that are computed again."""
        return rows["seconds"] <= MOST_SECONDS

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        found = [self.study.row(*(each[name] for name in self.key)) for each in chosen.to_dict("records")]
        return self.as_stored(pd.DataFrame(found)).rename(columns=self.names)
