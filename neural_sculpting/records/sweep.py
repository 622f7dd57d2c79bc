"""A sweep: what its finished groups amount to, each part computed once, when it is first asked for."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from neural_sculpting.analysis.equivalence import hierarchy_classes
from neural_sculpting.config.schemas import Config
from neural_sculpting.config.values import flat, ranges, typed
from neural_sculpting.errors import UserError
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.columns import TASK_PARAMETERS
from neural_sculpting.records.failures import failure_of
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.plan import Plan, read_plan
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.store import NOT_THE_RESULTS
from neural_sculpting.records.tables import rates_of, swept_settings
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.tasks.base import title_of

CELL = ("task", "layers", "hidden_layers")

LOOKED_UP = ("training.lr", "training.batch_size", "training.epochs")
"""Follow from task and layers where the command does not set them."""

Setting = tuple[str, str, str]
"""A key of the configuration, its values in a sweep, and its default or nothing."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The groups of a sweep that are finished. Terminal, page, W&B and Python read them here.

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
        """Read the finished groups of a folder, and its plan.

        Raises:
            UserError: if there is no finished group, or one of the files cannot be read.
        """
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
        return self._merged([group.trials for group in self.groups])

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Success rates with 95 % intervals: one row for each cell, criterion and rule for ties.

        A trial that was repeated, as over threads, counts once.
        """
        return rates_of(self.trials.drop_duplicates([*self.cell_columns, "seed"]), self.cell_columns)

    @cached_property
    def cell_columns(self) -> list[str]:
        """The columns in which the trials of one cell agree: everything that was swept, except the seed."""
        parameters = [name for group in self.groups for name in group.config.task.parameters]
        return list(dict.fromkeys([*CELL, *TASK_PARAMETERS, *parameters, *self.swept, "selection"]))

    @cached_property
    def by_job(self) -> pd.DataFrame:
        """One row for each job: the network that the configured selection chooses.

        Beside the columns of the trials: ``group`` (its index among the groups), ``title`` (the task in one line),
        ``setting`` (what was swept beside task, layers and seed, such as ``"training.lr=0.05"``) and the settings
        that were swept.
        """
        settings = [dict(values) for values in self.swept.to_dict("records")]
        frames = [
            group.selected_trials.assign(group=number, title=title(group), setting=_in_words(values), **values)
            for number, (group, values) in enumerate(zip(self.groups, settings, strict=True))
        ]
        return pd.concat(frames, ignore_index=True).sort_values("job", kind="stable", ignore_index=True)

    @cached_property
    def selected(self) -> pd.DataFrame:
        """One row for each trial, as :attr:`by_job`; a trial that was repeated, as over threads, counts once."""
        return self.by_job.drop_duplicates([*self.cell_columns, "seed"], ignore_index=True)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The trials of one task, setting and expected hierarchy each, in the order of the jobs."""
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
        """The trials of each task, whatever their settings and the hierarchies that are expected of them."""
        by_task = {task: [cell for cell in self.cells if cell.task == task] for task in self.selected["title"].unique()}
        rows = dict(list(self.selected.groupby("title", sort=False)))
        return tuple(cells[0] if len(cells) == 1 else Cell(self, rows[task], task) for task, cells in by_task.items())

    @cached_property
    def swept(self) -> pd.DataFrame:
        """The settings in which groups of the same task and layers differ: a row for each group."""
        return swept_settings(self.groups)

    @cached_property
    def settings(self) -> dict[str, str]:
        """Every key of the configuration with its value, or with all values where groups differ."""
        return all_settings([group.config for group in self.groups])

    @cached_property
    def defaults(self) -> dict[str, Config]:
        """The configuration of each task where nothing else is set; tasks without a file of their own have none."""
        from neural_sculpting.config.composing import compose  # takes half a second

        found = {}
        logging.disable(logging.WARNING)  # which of the paper's settings the defaults would get is no news here
        try:
            for task in sorted({group.config.task.name for group in self.groups}):
                with suppress(UserError):
                    found[task] = compose([f"task={task}"])
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

    @cached_property
    def failures(self) -> list[Failure | None]:
        """Why each of the selected trials is no success; None for a success, and where no hierarchy is expected."""
        return [self.failure(trial) for _, trial in self.selected.iterrows()]

    def _merged(self, tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """The rows of all groups in the order of their jobs, with the settings that were swept."""
        swept = self.swept.to_dict("records")
        frames = [rows.assign(**values) for rows, values in zip(tables, swept, strict=True)]
        merged = pd.concat(frames, ignore_index=True).drop(columns="network", errors="ignore")  # counted in each group
        return merged.sort_values("job", kind="stable", ignore_index=True)

    def failure(self, trial: pd.Series) -> Failure | None:
        """Why one trial is no success; it is looked for once.

        Args:
            trial: a row of :attr:`by_job` or :attr:`selected`.
        """
        key = (trial["group"], trial["network"])
        if key not in self._failures:
            self._failures[key] = failure_of(self.groups[trial["group"]], trial)
        return self._failures[key]

    def formulas(self, trial: pd.Series) -> Sequence[str]:
        """What the modules of a trial's network compute, a line each; it is read once.

        Args:
            trial: a row of :attr:`by_job` or :attr:`selected`.

        Returns:
            No lines where the analysis failed, inputs or outputs are not bits, the network reads too many inputs, or
            reading it stops with an error, which is logged.
        """
        from neural_sculpting.formulas.network_formulas import formula_lines  # takes seconds: torch

        group, network = self.groups[trial["group"]], trial["network"]
        key = (trial["group"], network)
        if key not in self._formulas:
            graph, are_bits = group.graphs[network], group.inputs_are_bits and group.outputs_are_bits
            names, job = (group.input_names, group.output_names), f"job {trial['job']}"
            self._formulas[key] = formula_lines(group.packed, network, graph, *names, are_bits=are_bits, name=job)
        return self._formulas[key]


def title(group: GroupRecord) -> str:
    """The task of a group with its parameters, in one line."""
    return title_of(group.config.task.name, group.config.task.parameters, group.details)


def all_settings(configs: Sequence[Config]) -> dict[str, str]:
    """Every key of the configuration with its value; with all its values where configurations differ."""
    exclude: Any = {key: value for key, value in NOT_THE_RESULTS.items() if key != "trainer"} | {"seed": True}
    tables = [flat(config.model_dump(mode="json", exclude=exclude)) for config in configs]
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: "; ".join(dict.fromkeys(typed(table[key]) for table in tables if key in table)) for key in keys}


def _in_words(settings: Mapping[Any, Any]) -> str:
    return ", ".join(f"{key}={typed(None if pd.isna(value) else value)}" for key, value in settings.items())


def _depths(trials: pd.DataFrame) -> str:
    depths = sorted(trials["hidden_layers"].unique())
    return f"{' and '.join(map(str, depths))} hidden layer{'' if depths == [1] else 's'}"
