"""The studies whose rows are computed again: those whose trials take seconds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.ablation.__main__ import Ablation
from experiments.ablation.cases import steps
from experiments.ablation.measured import rows_of
from experiments.benefits.__main__ import Benefits
from experiments.benefits.comparison import is_tuning
from experiments.boolean_sep.__main__ import SWEEPS, Controls
from experiments.both_readers import COLUMNS, TRIAL, TYPES, read_readings
from experiments.changing.__main__ import Changing
from experiments.efficiency.__main__ import Efficiency
from experiments.figures import Figure
from experiments.measured.__main__ import Measured
from experiments.methods.__main__ import Methods
from experiments.methods.cases import CASES
from experiments.random_hierarchies.__main__ import SHAPE as OF_TASKS
from experiments.random_hierarchies.__main__ import RandomHierarchies, Shape
from experiments.recomputing import MOST_SECONDS, Computed, Source, Swept, sculpted
from experiments.sampled.__main__ import Sampled
from experiments.structure.__main__ import Structure
from experiments.unstructured.__main__ import SHAPE as OF_FUNCTIONS
from experiments.unstructured.__main__ import Unstructured, name_of
from neural_sculpting.errors import UserError
from neural_sculpting.methods.registry import TIERS
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord


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
        parameters = {f"task.{name}": cell[name] for name in ("overlap", "uses") if pd.notna(cell[name])}
        return "", {"task": cell["task"], **parameters, **hidden_of(cell)}


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


class Compared(Source):
    """What methods find in tasks whose networks take seconds, without those that train networks of their own.

    Sums of theirs may be rounded in another way with other threads, so that rows need not be the same to the bit.
    """

    study = Methods()
    key, cell = Methods.key, ("task",)

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        quick = (~rows["seconds"].gt(MOST_SECONDS / 12)).groupby(rows["task"]).transform("all")
        return self._named(rows[quick & rows["tier"].ne(TIERS["training"])]), made_with

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        found = []
        for case in CASES:
            if case.name in {*chosen["task"]}:
                names = chosen.loc[chosen["task"] == case.name, "method"].str.partition("/")[0].unique()
                groups = {kind: next(sculpted(case.sweeps[kind])) for kind in case.kinds(names)}
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


class Settings(Source):
    """Trials of varied settings, without those that are readings of the trials of the default."""

    study = Ablation()
    key = Ablation.key
    cell = key[:-1]

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        known = {(step.stored_part, *step[1:4]) for step in steps()}
        return rows[[each in known for each in self._cells(rows)]].rename(columns=OF_PAPER), made_with

    def again(self, chosen: pd.DataFrame) -> pd.DataFrame:
        wanted = {*self._cells(chosen)}
        found = [rows_of(step) for step in steps() if (step.stored_part, *step[1:4]) in wanted]
        return self.as_stored(pd.concat(found).reindex(columns=list(Ablation.columns))).rename(columns=OF_PAPER)

    def _cells(self, rows: pd.DataFrame) -> Iterator[tuple[str, ...]]:
        yield from rows[[*self.cell]].fillna("").itertuples(index=False, name=None)


class Structures(Swept):
    """Path weights of networks, and the hierarchies that lesions and agreement are about."""

    study = Structure()
    key = Structure.key
    cell = ("sweep", "uses", "layers", "graph_seed", "rows_seed")

    def stored(self) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
        rows, made_with = super().stored()
        return rows.rename(columns=OF_STRUCTURE), made_with

    def as_stored(self, rows: pd.DataFrame) -> pd.DataFrame:
        return super().as_stored(rows[[*Structure.columns]]).rename(columns=OF_STRUCTURE)

    def narrowed(self, cell: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        drawn = {f"task.{name}": int(cell[name]) for name in ("graph_seed", "rows_seed") if pd.notna(cell[name])}
        uses = {"task.uses": int(cell["uses"])} if cell["sweep"] == "reuse" else {}
        return cell["sweep"], {**uses, **drawn, **hidden_of(cell)}


class Changed(Computed):
    """Trials that started from a sculpted network: all of a task, a change and an arm, which are one batch."""

    def __init__(self) -> None:
        super().__init__(Changing(), {"found": "relation"})
        self.cell = self.key[:3]

    def can_be_again(self, rows: pd.DataFrame) -> pd.Series:
        return rows["found"].notna()


def hidden_of(cell: Mapping[str, Any]) -> dict[str, object]:
    """The setting of the hidden layers of a cell, whose ``layers`` are such as 4-24-4."""
    return {"arch.hidden": f"[{','.join(cell['layers'].split('-')[1:-1])}]"}


OF_PAPER = {f"paper_{name}": name for name in ("relation", "exact")}
OF_STRUCTURE = {"found": "hierarchy"}
OF_ANSWER = {f"answer_{name}": name for name in ("exact", "relation", "refines")}
OF_NETWORKS = {**{f"networks_{name}": name for name in ("exact", "relation", "refines")}, "networks": "hierarchy"}

SOURCES: Sequence[Source] = (
    *map(BothReaders, ("reuse", "overlap", "hierarchy", "exemplar")),
    *(Functions(), Hierarchies(), OneTask(), Computed(Sampled(), OF_NETWORKS), Computed(Efficiency()), Compared()),
    *(Retrained(), Settings(), Structures(), Changed(), Computed(Measured(), OF_ANSWER)),
)
