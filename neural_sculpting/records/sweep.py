"""A sweep: everything that follows from its finished groups, computed once and on demand."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.config.schemas import NOT_THE_RESULTS, Config
from neural_sculpting.config.values import flat, ranges, typed
from neural_sculpting.config.variants import with_differences
from neural_sculpting.errors import UserError
from neural_sculpting.records.answers import answer_rows
from neural_sculpting.records.ceilings import COLUMNS as CEILINGS
from neural_sculpting.records.ceilings import ceiling_columns
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.columns import TASK_PARAMETERS
from neural_sculpting.records.compared import hierarchy_numbers, task_titles
from neural_sculpting.records.failures import failure_of
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.plan import Plan, read_plan
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.tables import rates_of, swept_settings
from neural_sculpting.scoring.diagnosis import Failure

CELL = ("task", "layers", "hidden_layers")

LOOKED_UP = ("training.lr", "training.batch_size", "training.epochs")
"""Settings that follow from task and layers where the command does not set them."""

Setting = tuple[str, str, str]
"""A key of the configuration, its values in a sweep, and its default or nothing."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The finished groups of a sweep, as terminal, page, W&B and Python read them.

    Attributes:
        groups: their records, in the order of their jobs.
        folder: where they are stored; None where they are only in memory.
        plan: what the run set out to do, where that is known.
    """

    groups: tuple[GroupRecord, ...]
    folder: Path | None = None
    plan: Plan | None = None
    _failures: dict[Hashable, Failure | None] = field(default_factory=dict, init=False, repr=False)
    _formulas: dict[Hashable, Sequence[str]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def open(cls, folder: Path) -> Sweep:
        """Read the finished groups and the plan of a folder; a UserError if there are none, or a file is damaged."""
        return cls(tuple(map(load_group, require_groups(folder))), folder, read_plan(folder))

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.resolve().name if self.folder else ""

    @cached_property
    def networks(self) -> pd.DataFrame:
        """One row for each sculpted network, in the order of the jobs."""
        return self._merged([group.networks for group in self.groups])

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row for each trial, and for each selection where there is a choice, in the order of the jobs."""
        return self._merged([group.trials.drop(columns="network") for group in self.groups])  # counted in each group

    def _merged(self, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """The rows of all groups in the order of their jobs, with the settings that were swept.

        A group numbers its hierarchies itself; here the same one has the same number in all groups of a task.
        """
        swept = self.swept.to_dict("records")
        frames = [
            rows.assign(hierarchy=rows["hierarchy"].map(number).astype("Int64"), **values)
            for rows, number, values in zip(tables, self._numbers, swept, strict=True)
        ]
        return pd.concat(frames, ignore_index=True).sort_values("job", kind="stable", ignore_index=True)

    @cached_property
    def titles(self) -> list[str]:
        """The task of each group, see :func:`task_titles`."""
        return task_titles(self.groups)

    @cached_property
    def _numbers(self) -> list[dict[int, int]]:
        return hierarchy_numbers(self.groups, self.titles)

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Rates and the ceiling, see :func:`rates_of`; a trial that was repeated, as over threads, counts once."""
        tables = [group.trials.assign(**ceiling_columns(group.ceiling, group.expected)) for group in self.groups]
        trials = self._merged(tables).astype(dict.fromkeys(CEILINGS, "boolean"))
        return rates_of(trials.drop_duplicates([*self.cell_columns, "seed"]), self.cell_columns)

    answers = cached_property(answer_rows)

    @cached_property
    def cell_columns(self) -> list[str]:
        """The columns in which the trials of one cell agree: everything that was swept, except the seed."""
        parameters = [name for group in self.groups for name in group.config.task.parameters]
        return list(dict.fromkeys([*CELL, *TASK_PARAMETERS, *parameters, *self.swept, "selection"]))

    @cached_property
    def by_job(self) -> pd.DataFrame:
        """One row for each job: the network that the configured selection chooses.

        Columns beside those of the trials: ``group`` (its index among the groups), ``title`` (the task in one line),
        ``setting`` (what was swept beside task, layers and seed, such as ``"training.lr=0.05"``) and the settings
        that were swept.
        """
        frames = []
        for number, (group, values) in enumerate(zip(self.groups, self.swept.to_dict("records"), strict=True)):
            found = ((key, None if pd.isna(value) else value) for key, value in values.items())
            setting = ", ".join(f"{key}={typed(value)}" for key, value in found)
            frames.append(group.selected_trials.assign(group=number, title=self.titles[number], setting=setting))
        return self._merged(frames)

    @cached_property
    def selected(self) -> pd.DataFrame:
        """The rows of :attr:`by_job`, without repetitions of a trial, as over threads."""
        return self.by_job.drop_duplicates([*self.cell_columns, "seed"], ignore_index=True)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The trials divided by task, setting and expected hierarchy, in the order of the jobs."""
        classes = hierarchy_classes([group.expected for group in self.groups])
        rows = self.selected.assign(expected=[classes[group] for group in self.selected["group"]])
        several = rows.groupby(["title", "setting"])["expected"].nunique(dropna=False) > 1
        cells = []
        for (task, setting, _), trials in rows.groupby(["title", "setting", "expected"], sort=False, dropna=False):
            depths = _depths(trials) if several[task, setting] else ""
            cells.append(Cell(self, self.selected.loc[trials.index], task, setting, depths))
        return tuple(cells)

    @cached_property
    def tasks(self) -> tuple[Cell, ...]:
        """The trials divided by task alone, whatever their settings and expected hierarchies."""
        found = []
        for task, rows in self.selected.groupby("title", sort=False):
            cells = [cell for cell in self.cells if cell.task == task]
            found.append(cells[0] if len(cells) == 1 else Cell(self, rows, str(task)))
        return tuple(found)

    @cached_property
    def swept(self) -> pd.DataFrame:
        """The settings that were swept, see :func:`swept_settings`."""
        return swept_settings(self.groups)

    @cached_property
    def settings(self) -> dict[str, str]:
        """Every key of the configuration with its values, see :func:`all_settings`."""
        return all_settings([group.config for group in self.groups])

    @cached_property
    def defaults(self) -> dict[str, Config]:
        """The default configuration of each task that has a file in ``conf/task``."""
        from neural_sculpting.config.composing import default_configuration  # takes half a second

        found = {}
        logging.disable(logging.WARNING)  # which of the paper's settings the defaults would get is of no interest here
        try:
            for task in sorted({group.config.task.name for group in self.groups}):
                with suppress(UserError):
                    found[task] = default_configuration(task)
        finally:
            logging.disable(logging.NOTSET)
        return found

    @cached_property
    def changed(self) -> list[Setting]:
        """The settings that differ from :attr:`defaults`; where there are none, those that the command sets."""
        given = dict(line.partition("=")[::2] for line in self.plan.overrides) if self.plan else {}
        if not self.defaults:
            return [(key, value, "") for key, value in given.items()]
        usual = all_settings(list(self.defaults.values()))
        changed = [(key, value, usual.get(key, "")) for key, value in self.settings.items() if value != usual.get(key)]
        return [*(line for line in changed if line[0] not in LOOKED_UP or line[0] in given), ("seed", self.seeds, "0")]

    @property
    def seeds(self) -> str:
        """The seeds in a short way, such as ``"0–35"``."""
        return ranges(sorted(set(self.selected["seed"])))

    @property
    def missing(self) -> int:
        """How many jobs have no row; 0 where the number of jobs is not known."""
        jobs = self.plan.jobs if self.plan else None
        return 0 if jobs is None else jobs - self.trials["job"].nunique()

    def failure(self, trial: pd.Series) -> Failure | None:
        """Explain why a trial, a row of :attr:`by_job`, is no success; each trial is explained once."""
        key = (trial["group"], trial["network"])
        if key not in self._failures:
            self._failures[key] = failure_of(self.groups[trial["group"]], trial)
        return self._failures[key]

    def formulas(self, trial: pd.Series) -> Sequence[str]:
        """Read what the modules of a trial's network compute, a line each; every network is read once.

        There are no lines where :func:`~neural_sculpting.formulas.network_formulas.formula_lines` has none, and where
        the reader does not say which units its modules have.
        """
        from neural_sculpting.formulas.network_formulas import formula_lines  # takes seconds: torch

        group, network = self.groups[trial["group"]], trial["network"]
        key = (trial["group"], network)
        if key not in self._formulas:
            are_bits = group.inputs_are_bits and group.outputs_are_bits and group.knows_units_of(network)
            units, name = group.about_units, f"job {trial['job']}"
            self._formulas[key] = formula_lines(
                group.packed, network, group.graphs[network], *units, are_bits=are_bits, name=name
            )
        return self._formulas[key]


def all_settings(configs: Sequence[Config]) -> dict[str, str]:
    """Every key of the configuration with its value, or with all values where configurations differ."""
    exclude: Any = {key: value for key, value in NOT_THE_RESULTS.items() if key != "trainer"} | {"seed": True}
    tables = [flat(with_differences(config.model_dump(mode="json", exclude=exclude))) for config in configs]
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: "; ".join(dict.fromkeys(typed(table[key]) for table in tables if key in table)) for key in keys}


def _depths(trials: pd.DataFrame) -> str:
    depths = sorted(trials["hidden_layers"].unique())
    return f"{' and '.join(map(str, depths))} hidden layer{'' if depths == [1] else 's'}"
