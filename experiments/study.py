"""A study: its sweeps, the stored rows of their trials, and the tables, figures and page made from these."""

import argparse
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from neural_sculpting import run
from neural_sculpting.cli.folders import ROOT
from neural_sculpting.errors import UserError
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import load_group, read_about
from neural_sculpting.records.newer_columns import FORMER_NAMES
from neural_sculpting.records.plan import read_plan
from neural_sculpting.records.provenance import provenance
from neural_sculpting.records.record import GroupRecord

HERE = Path(__file__).parent
ROWS, RUN, NOTES = "trials.csv.gz", "run.json", "notes.md"
"""Files of a study; the notes are written by hand, and the page shows them after the tables."""

MADE_WITH = ("neural_sculpting", "git_commit", "python", "libraries", "machine")
NO_NUMBER = "–"

Tables = Mapping[str, pd.DataFrame]


class Study(ABC):
    """Sweeps, the stored rows of their trials, and what is made from these without training.

    A study is a subclass, in the folder ``experiments/<name>``; see ``experiments/README.md``.

    Attributes:
        name: of its folder, and of the folder of its sweeps.
        title: the heading of its page.
        sweeps: the overrides of each sweep, by the name of its folder; ``""`` where there is only one.
        how: describes on the page how it is run; the versions follow.
        columns: stored columns, in this order.
        key: columns that identify the rows and order them; empty to store the rows as they are.
        types: of columns for which pandas would guess another one.
        partial: whether rows are stored before every sweep is finished.
        merges: whether stored rows stay that are not among those to store.
    """

    name: str
    title: str
    sweeps: Mapping[str, Sequence[str]]
    how: str
    columns: Sequence[str]
    key: Sequence[str] = ()
    types: Mapping[str, Any] = MappingProxyType({})
    partial = False
    merges = False

    def __init__(self, folder: Path | None = None, launch: Callable[[list[str]], int] = run.main) -> None:
        self.folder = folder or HERE / self.name
        self.launch = launch

    @abstractmethod
    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        """Return the rows of a group, with at least ``columns``."""

    @abstractmethod
    def tables(self, rows: pd.DataFrame) -> Tables:
        """Return the tables by the names of their files."""

    @abstractmethod
    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        """Return the paragraphs of the page between its title and the notes; empty ones are left out."""

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        """Draw the figures, and return their files."""
        return []

    def how_it_was_run(self, run: Mapping[str, Any]) -> str:
        """Return the last section of the page."""
        return f"{self.how}\n\n{made_with(run)}"

    def command(self, sweeps: Path) -> str:
        """Return the command that runs the sweeps."""
        return f"python -m experiments.{self.name} --run"

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Run or resume the sweeps, store their rows, and write everything from the stored rows.

        Args:
            overrides: further settings of the sweeps; None to run nothing.
            sweeps: the folder of the sweeps whose rows are stored; None to store nothing unless they are run.

        Returns:
            The exit code of the first sweep that could not finish, else 0.
        """
        if overrides is not None:
            sweeps = sweeps or ROOT / self.name
            for name, of_sweep in self.sweeps.items():
                if code := self._run(sweeps / name, [*of_sweep, *overrides]):
                    return code
        if sweeps:
            self.store(sweeps)
        print(*self.write(), sep="\n")
        return 0

    def _run(self, sweep: Path, overrides: Sequence[str]) -> int:
        plan = read_plan(sweep)
        if plan is not None and plan.is_finished(sweep):
            print(f"{sweep} is finished; name another folder with --from to run it again")
            return 0
        return self.launch(["-m", *overrides, f"hydra.sweep.dir='{sweep}'", *(["resume=true"] if plan else [])])

    def store(self, sweeps: Path) -> None:
        """Store the rows of the finished groups of all sweeps, and how they were made.

        Raises:
            UserError: if no group or a sweep is not finished, or two rows have the same key.
        """
        rows, about, networks, trials = [], [], 0, 0
        for sweep in self.sweeps:
            for path in self._finished_groups(sweeps / sweep):
                group = load_group(path)
                rows.append(self.rows_of(group, sweep))
                about.append(read_about(path))
                networks += len(group.networks)
                trials += group.networks["seed"].nunique()
        if not rows:
            raise UserError(f"{sweeps}: contains no finished group of a sweep")
        kept = self._checked(pd.concat(rows, ignore_index=True), sweeps)
        run = {"command": self.command(sweeps), **run_of(about, trials, networks)}
        if self.merges and (self.folder / ROWS).exists():
            kept, run = self._with_stored(kept, run)
        self.folder.mkdir(parents=True, exist_ok=True)
        compression = {"method": "gzip", "mtime": 0}
        kept.to_csv(self.folder / ROWS, index=False, float_format="%.6g", compression=compression)
        (self.folder / RUN).write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")

    def keep(self, rows: pd.DataFrame) -> None:
        """Store rows that were computed in this process, and what made them beside what made those before."""
        here = self._made_here  # before a stored file changes, which would count as a change of the program
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = rows[list(self.columns)].sort_values(list(self.key), ignore_index=True)
        rows.to_csv(self.folder / ROWS, index=False, float_format="%.6g", compression={"method": "gzip", "mtime": 0})
        path = self.folder / RUN
        before = json.loads(path.read_text(encoding="utf-8"))["made_with"] if path.exists() else []
        made_with = [*before, *([] if here in before else [here])]
        run = {"command": self.command(self.folder), "made_with": made_with}
        path.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")

    @cached_property
    def _made_here(self) -> dict[str, Any]:
        return provenance()

    def _with_stored(self, new: pd.DataFrame, run: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Put rows in the place of those that have the same key; what made either is listed."""
        stored, earlier = self.read()
        key = list(self.key)
        rows = pd.concat([stored, new]).drop_duplicates(key, keep="last").sort_values(key, ignore_index=True)
        made_with = [*earlier["made_with"], *(each for each in run["made_with"] if each not in earlier["made_with"])]
        counts = {"trials": len(rows), "made_with": made_with}
        return rows, {"command": run["command"], "began": earlier["began"], "finished": run["finished"], **counts}

    def _finished_groups(self, sweep: Path) -> list[Path]:
        if self.partial:
            return list_groups(sweep)
        plan = read_plan(sweep)
        if plan is None:
            raise UserError(f"{sweep}: no such sweep yet; --run makes it")
        if not plan.is_finished(sweep):
            raise UserError(f"{sweep}: not finished; --run resumes it")
        return list_groups(sweep)

    def _checked(self, rows: pd.DataFrame, sweeps: Path) -> pd.DataFrame:
        if missing := [name for name in self.columns if name not in rows]:
            raise UserError(f"{sweeps}: its trials have no column {missing[0]}; it was made by another version")
        rows = rows[list(self.columns)].astype({name: self.types[name] for name in self.columns if name in self.types})
        if not self.key:
            return rows
        repeated = rows[rows.duplicated(list(self.key))]
        if len(repeated):
            first = ", ".join(f"{name}={value}" for name, value in repeated.iloc[0][list(self.key)].dropna().items())
            raise UserError(f"{sweeps}: has several trials of {first}; no other setting may be swept")
        return rows.sort_values(list(self.key), ignore_index=True)

    def read(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the stored rows, and how they were made."""
        path = self.folder / ROWS
        if not path.exists():
            raise UserError(f"{path}: no rows are stored yet; store those of a sweep with --from <its folder>")
        rows = pd.read_csv(path, dtype=dict(self.types)).rename(columns=FORMER_NAMES)
        return rows, json.loads((self.folder / RUN).read_text(encoding="utf-8"))

    def rows_so_far(self) -> pd.DataFrame:
        """Return the stored rows, none if nothing is stored yet."""
        return self.read()[0] if (self.folder / RUN).exists() else pd.DataFrame(columns=list(self.columns))

    def write(self) -> list[Path]:
        """Write tables, figures and page from the stored rows, and return their files."""
        rows, run = self.read()
        tables = self.tables(rows)
        paths = self.draw(rows, tables)
        for name, table in tables.items():
            paths.append(self.folder / f"{name}.csv")
            table.to_csv(paths[-1], index=False, float_format="%.4g")
        paths.append(self.folder / "README.md")
        paths[-1].write_text(self.page(rows, tables, run), encoding="utf-8")
        return paths

    def page(self, rows: pd.DataFrame, tables: Tables, run: Mapping[str, Any]) -> str:
        path = self.folder / NOTES
        notes = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        how = ["## How it was run", self.how_it_was_run(run)]
        paragraphs = [f"# {self.title}", *self.sections(rows, tables), notes, *how]
        return "\n\n".join(filter(None, paragraphs)) + "\n"


def arguments(prog: str, description: str) -> argparse.ArgumentParser:
    """Make the command line that all studies share."""
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{prog}", description=description)
    add = parser.add_argument
    add("--from", dest="sweeps", type=Path, metavar="FOLDER", help="first store what is finished in a folder of sweeps")
    add("--run", nargs=argparse.REMAINDER, metavar="OVERRIDE", help="first run or resume the sweeps, and store them")
    return parser


def exit_code(work: Callable[[], int]) -> int:
    """Run a command; report its UserError on one line, and return 1 then."""
    try:
        return work()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def main(study: Study, command_line: Sequence[str] | None = None) -> int:
    """Run the command line of a study and return its exit code."""
    asked = arguments(study.name, f"{study.title}: write the page from the stored rows.").parse_args(command_line)
    return exit_code(lambda: study.refresh(asked.run, asked.sweeps))


def made_with(run: Mapping[str, Any]) -> str:
    """List the versions and machines that rows were made with, in Markdown."""
    lines = []
    for each in run["made_with"]:
        libraries = ", ".join(f"{name} {number}" for name, number in each["libraries"].items())
        commit, plus, changes = (each["git_commit"] or "no commit").partition("+")
        program = f"neural_sculpting {each['neural_sculpting']} ({commit[:10]}{plus}{changes})"
        lines.append(f"- {program}, Python {each['python']}, {libraries}; {each['machine']}")
    return "\n".join(lines)


def markdown_table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Format an aligned Markdown table; all columns but the first are aligned to the right."""
    lines = list(lines)
    widths = [max(3, *map(len, column)) for column in zip(headings, *lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    rows = []
    for first, *others in (headings, rule, *lines):
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def with_interval(value: float, low: float, high: float, form: str = ".2f") -> str:
    """Format a value, and its interval where it has one."""
    if pd.isna(value):
        return NO_NUMBER
    return f"{value:{form}}" + ("" if pd.isna(low) else f" ({low:{form}}–{high:{form}})")


def run_of(about: Sequence[Mapping[str, Any]], trials: int, networks: int) -> dict[str, Any]:
    """Describe how groups were made, for ``run.json``."""
    counts = {"groups": len(about), "trials": trials, "networks": networks}
    return {**_times(about), **counts, "made_with": _made_with(about)}


def _made_with(about: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = [{name: each[name] for name in MADE_WITH} for each in about]
    return [value for index, value in enumerate(found) if value not in found[:index]]


def _times(about: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ends = [(datetime.fromisoformat(each["created"]), each["seconds"]) for each in about]
    return {
        "began": min(end - timedelta(seconds=seconds) for end, seconds in ends).isoformat(timespec="seconds"),
        "finished": max(end for end, _ in ends).isoformat(timespec="seconds"),
        "seconds_of_sculpting": round(sum(seconds for _, seconds in ends), 1),
    }
