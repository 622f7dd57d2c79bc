"""How stored rows are computed again, of the studies whose trials take seconds."""

import io
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from experiments.benefits.__main__ import Benefits
from experiments.benefits.comparison import is_tuning
from experiments.boolean_sep.__main__ import SWEEPS, Controls
from experiments.both_readers import COLUMNS, TRIAL, TYPES, read_readings
from experiments.computed import ComputedStudy
from experiments.efficiency.__main__ import Efficiency
from experiments.figures import Figure
from experiments.methods.__main__ import Methods
from experiments.methods.cases import CASES
from experiments.random_hierarchies.__main__ import SHAPE as OF_TASKS
from experiments.random_hierarchies.__main__ import RandomHierarchies, Shape
from experiments.sampled.__main__ import Sampled
from experiments.study import Study
from experiments.unstructured.__main__ import SHAPE as OF_FUNCTIONS
from experiments.unstructured.__main__ import Unstructured, name_of
from neural_sculpting import run
from neural_sculpting.errors import UserError
from neural_sculpting.methods.registry import TIERS
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.reading_again import read_again
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


class BothReaders(Swept):
    """What two readers find in the sparsest networks of a Boolean experiment of the paper."""

    key = (*TRIAL, "reader")
    cell = ("task", "overlap", "uses", "layers")

    def __init__(self, name: str) -> None:
        self.study = Figure(name)

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        stored = read_readings(self.study.folder)
        if stored is None:
            raise UserError(f"{self.study.folder}: no readings are stored")
        return stored[0], self.study.read()[1]["readings"]["made_with"]

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        groups = {"paper": group, "confirmed": read_again(group, {"reader": "confirmed"})}
        return pd.concat([each.selected_trials.assign(reader=name)[[*COLUMNS]] for name, each in groups.items()])

    def as_stored(self, rows: pd.DataFrame) -> pd.DataFrame:
        return super().as_stored(rows).astype({name: TYPES[name] for name in TYPES if name in rows})

    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        hidden = cell["layers"].split("-")[1:-1]
        parameters = {f"task.{name}": cell[name] for name in ("overlap", "uses") if pd.notna(cell[name])}
        return "", {"task": cell["task"], **parameters, "arch.hidden": f"[{','.join(hidden)}]"}


class Hierarchies(Swept):
    """Random hierarchies of the shapes whose tasks take less than a minute."""

    study = RandomHierarchies()
    key, cell = RandomHierarchies.key, (*OF_TASKS, "graph_seed")

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return rows[rows["fan_in"].eq(2) & rows["depth"].lt(4)], made_with

    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        return Shape(*(cell[name] for name in OF_TASKS)).name, {"task.graph_seed": cell["graph_seed"]}


class Functions(Swept):
    """Functions without structure."""

    study = Unstructured()
    key, cell = Unstructured.key, (*OF_FUNCTIONS, "function_seed")

    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        return name_of(*(cell[name] for name in OF_FUNCTIONS)), {"task.function_seed": cell["function_seed"]}


class OneTask(Swept):
    """Trials of ``boolean_sep``, each on its own, without the random masks."""

    study = Controls()
    key = cell = Controls.key

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return rows[rows["run"].isin([*SWEEPS])].astype({"run": "str"}), made_with

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        names = dict(zip(self.study.sweeps, SWEEPS, strict=True))
        return group.selected_trials.assign(run=names[sweep])

    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        return dict(zip(SWEEPS, self.study.sweeps, strict=True))[cell["run"]], {"seed": cell["seed"]}


class Computed(Source):
    """Rows of a study that computes them one by one, those that take seconds; ``names`` are those of ``COMPARED``."""

    study: ComputedStudy

    def __init__(self, study: ComputedStudy, names: Mapping[str, str] = MappingProxyType({})) -> None:
        self.study, self.names = study, names
        self.key = self.cell = study.key

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return rows[rows["seconds"] <= MOST_SECONDS].rename(columns=self.names), made_with

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        found = [self.study.row(*(each[name] for name in self.key)) for each in chosen.to_dict("records")]
        return self.as_stored(pd.DataFrame(found)).rename(columns=self.names)


class Compared(Source):
    """What methods find in tasks whose networks take seconds, without those that train networks of their own.

    Sums of theirs may be rounded in another way with other threads, so that rows need not be the same to the bit.
    """

    study = Methods()
    key, cell = Methods.key, ("task",)

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        quick = rows["seconds"].le(MOST_SECONDS / 12).groupby(rows["task"]).transform("all")
        return self._named(rows[quick & rows["tier"].ne(TIERS["training"])]), made_with

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        found = []
        for case in CASES:
            if case.name in {*chosen["task"]}:
                groups = {kind: next(sculpted(words)) for kind, words in case.sweeps.items()}
                names = chosen.loc[chosen["task"] == case.name, "method"].str.partition("/")[0].unique()
                found.append(self.study.rows_of_subject(case, case.subject_of(**groups), names))
        return self._named(self.as_stored(pd.concat(found)))

    def _named(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["applies"].astype(bool)].rename(columns={"found": "hierarchy"}).drop(columns="engine")


class Retrained(Source):
    """Networks of found modules and their controls: those of whole tasks, with the settings that were chosen."""

    study = Benefits()
    key, cell = Benefits.key, ("shape", "task_seed")

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return self._named(rows[~is_tuning(rows)]), made_with

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        stored, _ = self.study.read()
        cells = chosen[[*self.cell]].drop_duplicates().itertuples(index=False)
        rows = [self.study.rows_of_task([*map(int, name.split("-"))], seed, stored) for name, seed in cells]
        return self._named(self.as_stored(pd.concat(rows)))

    def _named(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.rename(columns={"right": "relation"})


OF_NETWORKS = {**{f"networks_{name}": name for name in ("exact", "relation", "refines")}, "networks": "hierarchy"}

SOURCES: Sequence[Source] = (
    *map(BothReaders, ("reuse", "overlap", "hierarchy", "exemplar")),
    *(Functions(), Hierarchies(), OneTask(), Computed(Sampled(), OF_NETWORKS), Computed(Efficiency()), Compared()),
    Retrained(),
)
