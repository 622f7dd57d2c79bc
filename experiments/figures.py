"""The paper's experiments as studies: their success rates beside those of the paper.

Run it with ``python -m experiments.figures`` from the top of the repository; see ``--help``.
"""

import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf

from experiments.both_readers import read_readings, readers_table, store_readings
from experiments.both_readers_page import section as both_readers
from experiments.figure_pages import PARAMETERS, TITLES, sections
from experiments.figure_runs import how_it_was_run
from experiments.study import HERE, ROWS, Study, Tables, arguments, exit_code
from neural_sculpting.errors import UserError
from neural_sculpting.files import READINGS
from neural_sculpting.paper.figures.figures import draw_figure
from neural_sculpting.paper.figures.measures import measures_table
from neural_sculpting.paper.figures.tables import MEASURES, PLANS, TRIAL, figure_table, trials_of_figure
from neural_sculpting.records.ceilings import ceiling_of
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.record import GroupRecord, select_trials
from neural_sculpting.scoring.answers import criteria_met
from neural_sculpting.scoring.success import partition
from neural_sculpting.tasks import build_task

TYPES = {
    "task": "str",
    **dict.fromkeys(("overlap", "uses", "hidden_layers"), "Int64"),
    "layers": "str",
    "seed": "Int64",
    **dict.fromkeys(("selection", "status"), "str"),
    **dict.fromkeys(("unit_step", "edge_step"), "float64"),
    "edges": "Int64",
    **dict.fromkeys(("density", "window_share"), "float64"),
    **dict.fromkeys((name for name in MEASURES if name != "density"), "float64"),
    **dict.fromkeys(("among", *CRITERIA, *(f"{criterion}_any_tie" for criterion in CRITERIA)), "boolean"),
}
ONLY_WHERE_READ = {
    *(name for name in MEASURES if name != "density"),
    *("middle_layer_separability", "middle_layer_separability_any_tie"),
}
"""Columns stored only for experiments whose tables use them."""

NOT_SHOWN = ("hydra.mode", "hydra.sweep.dir", "resume")
"""Overrides that decide where results are written, not what is computed."""


class Figure(Study):
    """An experiment of the paper, from one sweep."""

    key = TRIAL
    types = TYPES
    partial = True

    def __init__(self, name: str, home: Path = HERE, **options: Any) -> None:
        if name not in PLANS:
            raise UserError(f"{name}: no such experiment; there are {', '.join(PLANS)}")
        super().__init__(home / name, **options)
        self.name, self.title, self.sweeps = name, TITLES[name], {"": [f"experiment={name}"]}
        plan = PLANS[name]
        read = {*plan.measures, *(f"{criterion}{end}" for criterion in plan.criteria for end in ("", "_any_tie"))}
        self.columns = [column for column in TYPES if column not in ONLY_WHERE_READ or column in read]

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        """Select the trials again from the networks, by today's rules."""
        return select_trials(group.networks, group.config)

    def store(self, sweeps: Path) -> None:
        super().store(sweeps)
        if (sweeps / READINGS).exists():
            store_readings(sweeps, self.folder)

    def tables(self, rows: pd.DataFrame) -> Tables:
        rates = figure_table(rows, self.name)
        if PLANS[self.name].measures:
            return {self.name: rates, f"{self.name}_measures": measures_table(rows, self.name)}
        tables = {self.name: with_ceilings(rates)}
        if stored := read_readings(self.folder):
            tables[f"{self.name}_readers"] = readers_table(trials_of_figure(stored[0], self.name))
        return tables

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return draw_figure(tables[self.name], self.name, self.folder, rows)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        stored, readers = read_readings(self.folder), tables.get(f"{self.name}_readers")
        further = both_readers(readers, stored[1], PARAMETERS) if stored and readers is not None else []
        return sections(self.name, tables[self.name], tables.get(f"{self.name}_measures"), further)

    def how_it_was_run(self, run: Mapping[str, Any]) -> str:
        return how_it_was_run(self.name, run)

    def command(self, sweeps: Path) -> str:
        path = sweeps / "multirun.yaml"
        if not path.exists():
            raise UserError(f"{path}: missing; it contains the command of the sweep")
        overrides = OmegaConf.load(path).hydra.overrides
        words = [word for word in [*overrides.task, *overrides.hydra] if word.partition("=")[0] not in NOT_SHOWN]
        return shlex.join(["python", "-m", "neural_sculpting.run", "-m", *words])


def with_ceilings(table: pd.DataFrame) -> pd.DataFrame:
    """Add the ``ceiling`` to the cells of Boolean tasks.

    It is whether the hierarchy that the truth table determines, without a network, meets the criterion; missing where
    that is about more than a hierarchy.
    """
    return table.assign(ceiling=pd.array([*map(_ceiling_of, table.to_dict("records"))], dtype="boolean"))


def _ceiling_of(cell: Mapping[str, Any]) -> bool | None:
    parameters = {name: int(cell[name]) for name in ("overlap", "uses") if pd.notna(cell[name])}
    task = build_task(cell["task"], **parameters)
    ceiling, expected = ceiling_of(task), task.expected_hierarchy(int(cell["hidden_layers"][0]))
    if ceiling is None or expected is None:
        return None
    found = ceiling.hierarchy
    divided = {"input_separability": "inputs", "output_sub_functions": "outputs"}
    same = {name: partition(found, ends) == partition(expected, ends) for name, ends in divided.items()}
    return {**criteria_met(found, expected), **same}.get(cell["criterion"])


def main(command_line: Sequence[str] | None = None, **options: Any) -> int:
    """Run a command line and return its exit code."""
    parser = arguments("figures", "Write the tables, figures and pages of the paper's experiments from stored rows.")
    parser.add_argument("names", nargs="*", metavar="experiment", help=f"{', '.join(PLANS)}; default: all stored ones")
    parser.add_argument("--readings", type=Path, metavar="SWEEP", help="first store what both readers find in a sweep")
    parser.add_argument("--to", type=Path, default=HERE, help="the folder of the experiments' folders")
    asked = parser.parse_args(command_line)

    def work() -> int:
        figures = [Figure(name, asked.to, **options) for name in asked.names or PLANS]
        if (asked.sweeps or asked.readings or asked.run is not None) and len(asked.names) != 1:
            raise UserError("--run, --from and --readings: need exactly one experiment")
        if asked.readings:
            store_readings(asked.readings, figures[0].folder)
        shown = figures if asked.names else [figure for figure in figures if (figure.folder / ROWS).exists()]
        return next(filter(None, (figure.refresh(asked.run, asked.sweeps) for figure in shown)), 0)

    return exit_code(work)


if __name__ == "__main__":
    sys.exit(main())
