"""Compare the rules, and write the tables and the page of this folder.

Run it with ``make choosing`` from the top of the repository; ``--run`` runs the sweeps first, or goes on with them.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.choosing.page import page
from experiments.choosing.rules import ANYWHERE, CHOSEN, RULES, WINDOWS
from experiments.choosing.sweeps import CELL, rows_of, sweeps, unsolved
from experiments.figures import HERE as EXPERIMENTS
from neural_sculpting import run
from neural_sculpting.command_line.folders import ROOT
from neural_sculpting.command_line.plans import read_plan
from neural_sculpting.errors import UserError
from neural_sculpting.scoring.comparison import paired_differences

HERE = Path(__file__).parent
ROWS = "trials.csv.gz"
TYPES = {"hidden_layers": "str", "overlap": "Int64", "uses": "Int64"}


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m experiments.choosing", description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="store_true", help="first run the sweeps, or go on with them")
    parser.add_argument("--from", dest="folder", type=Path, help="first store the rows of the sweeps in a folder")
    arguments = parser.parse_args(command_line)
    folder = arguments.folder or (ROOT / "choosing" if arguments.run else None)
    try:
        if arguments.run and (code := run_sweeps(folder)):
            return code
        if folder:
            store(folder)
        write(pd.read_csv(HERE / ROWS, dtype=TYPES))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run_sweeps(folder: Path) -> int:
    """Run every sweep that is not finished; return the exit code of the first that fails."""
    for name, overrides in sweeps().items():
        plan = read_plan(folder / name)
        if plan is None or not plan.is_finished(folder / name):
            goes_on = ["resume=true"] if plan else []
            if code := run.main(["-m", *overrides, "pictures=none", f"hydra.sweep.dir='{folder / name}'", *goes_on]):
                return code
    return 0


def store(folder: Path) -> None:
    """Keep what the rules find in the trials of all sweeps, and the cells that are to be compared."""
    rows = pd.concat([rows_of(folder / name).assign(sweep=name) for name in sweeps()], ignore_index=True)
    order = ["sweep", *CELL, "layers", "seed"]
    rows = rows[[*order, *(name for name in rows if name not in order)]]
    rows = rows.astype({name: int for name in rows if rows[name].dtype == bool})
    rows.to_csv(HERE / ROWS, index=False, compression={"method": "gzip", "mtime": 0})
    shutil.copy(folder / "exemplar" / "groups" / "0000" / "group.json", HERE / "run.json")


def write(rows: pd.DataFrame) -> None:
    """Write the tables and the page."""
    is_exemplar = rows["sweep"] == "exemplar"
    tuning = tuned(rows[is_exemplar])
    cells = unsolved(EXPERIMENTS)
    compared = compare(rows[~is_exemplar], cells)
    for name, table in {"tuning": tuning, "cells": cells, "choosing": compared}.items():
        table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4g")
    text = page(tuning, windows(rows[is_exemplar]), cells, compared, rows)
    (HERE / "README.md").write_text(text, encoding="utf-8")


def tuned(rows: pd.DataFrame) -> pd.DataFrame:
    """The rate of every rule on the exemplars: a row for each rule, a column for each task and number of layers."""
    shows = rows[~((rows["task"] == "boolean_reused") & (rows["hidden_layers"] == "1"))]
    names = [*RULES, "among"]
    rates = shows.groupby(["task", "hidden_layers"], sort=False)[names].mean()
    table = rates.T.set_axis([f"{task} {layers}" for task, layers in rates.index], axis=1)
    return table.assign(mean=table.mean(axis=1)).rename_axis("rule").reset_index()


def windows(rows: pd.DataFrame) -> pd.DataFrame:
    """The simplest within each window against the simplest of all, on the same trials of the exemplars."""
    one_cell = rows.assign(cell="exemplars")
    tables = [
        paired_differences(one_cell, ["cell"], new=f"simplest within {window}", old=ANYWHERE).assign(window=window)
        for window in WINDOWS
    ]
    return pd.concat(tables, ignore_index=True)


def compare(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The rules beside each other in the cells, simplest against sparsest on the same trials."""
    keys = cells[list(CELL)]
    chosen = keys.merge(rows, on=list(CELL), how="left")
    rates = chosen.groupby(list(CELL), dropna=False, sort=False)[[*RULES, "among"]].mean().reset_index(drop=True)
    return paired_differences(chosen, CELL, new=CHOSEN, old="sparsest").join(rates)


if __name__ == "__main__":
    sys.exit(main())
