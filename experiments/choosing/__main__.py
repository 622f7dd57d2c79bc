"""Compare the rules, and write the tables and the page of this folder.

Run it with ``make choosing`` from the top of the repository; ``--run`` runs the sweeps first, or goes on with them.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.choosing.page import page
from experiments.choosing.rules import ANYWHERE, CHOSEN, RULES, WINDOWS
from experiments.choosing.sweeps import CELL, rows_of, sweeps, unsolved
from experiments.command import answer
from experiments.figures import HERE as EXPERIMENTS
from experiments.figures import run_or_resume
from experiments.stored_rows import made_with
from neural_sculpting.errors import UserError
from neural_sculpting.records.group_files import read_about
from neural_sculpting.records.store import group_paths
from neural_sculpting.scoring.comparison import paired_differences

HERE = Path(__file__).parent
ROWS, RUN = "trials.csv.gz", "run.json"
FEWEST = 36
"""Trials that a cell needs."""

TYPES = {"hidden_layers": "str", "overlap": "Int64", "uses": "Int64"}


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    description = __doc__.splitlines()[0]
    return answer(
        "choosing", description, run_sweeps, store, lambda: write(pd.read_csv(HERE / ROWS, dtype=TYPES)), command_line
    )


def run_sweeps(folder: Path) -> int:
    """Run every sweep that is not finished; return the exit code of the first that fails."""
    for name, (experiment, *overrides) in sweeps().items():
        chosen = experiment.removeprefix("experiment=")
        if code := run_or_resume(chosen, folder / name, [*overrides, "pictures=none"]):
            return code
    return 0


def store(folder: Path) -> None:
    """Keep what the rules find in the trials of all sweeps, and the cells that are to be compared."""
    rows = pd.concat([rows_of(folder / name).assign(sweep=name) for name in sweeps()], ignore_index=True)
    order = ["sweep", *CELL, "layers", "seed"]
    rows = rows[[*order, *(name for name in rows if name not in order)]]
    rows = rows.astype({name: int for name in rows if rows[name].dtype == bool})
    rows.to_csv(HERE / ROWS, index=False, compression={"method": "gzip", "mtime": 0})
    about = [read_about(path) for name in sweeps() for path in group_paths(folder / name)]
    (HERE / RUN).write_text(json.dumps(made_with(about), indent=2) + "\n", encoding="utf-8")


def write(rows: pd.DataFrame) -> None:
    """Write the tables and the page."""
    shallow_reuse = (rows["task"] == "boolean_reused") & (rows["hidden_layers"] == "1")
    counted = rows[~shallow_reuse]
    exemplars, others = counted[counted["sweep"] == "exemplar"], counted[counted["sweep"] != "exemplar"]
    tables = {
        "tuning": tuned(exemplars),
        "windows": windows(exemplars),
        "cells": unsolved(EXPERIMENTS),
        "choosing": compare(others, unsolved(EXPERIMENTS)),
        "solved": compare(others, others[list(CELL)].drop_duplicates(), without=unsolved(EXPERIMENTS)),
        "pooled": pooled(others),
    }
    for name, table in tables.items():
        table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4g")
    text = page(tables, rows, json.loads((HERE / RUN).read_text(encoding="utf-8")))
    (HERE / "README.md").write_text(text, encoding="utf-8")


def tuned(rows: pd.DataFrame) -> pd.DataFrame:
    """The rate of every rule on the exemplars: a row for each rule, a column for each task and number of layers."""
    names = [*RULES, "among"]
    rates = rows.groupby(["task", "hidden_layers"], sort=False)[names].mean()
    table = rates.T.set_axis([f"{task} {layers}" for task, layers in rates.index], axis=1)
    return table.assign(mean=table.mean(axis=1)).rename_axis("rule").reset_index()


def windows(rows: pd.DataFrame) -> pd.DataFrame:
    """The simplest within each window against the simplest of all, on the same trials."""
    one_cell = rows.assign(cell="exemplars")
    tables = [
        paired_differences(one_cell, ["cell"], new=f"simplest within {window}", old=ANYWHERE).assign(window=window)
        for window in WINDOWS
    ]
    return pd.concat(tables, ignore_index=True)


def compare(rows: pd.DataFrame, cells: pd.DataFrame, without: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rules beside each other in some cells, the chosen one against the sparsest on the same trials.

    Args:
        rows: the trials.
        cells: the columns of ``CELL``.
        without: cells to leave out.

    Raises:
        UserError: if a cell has too few trials.
    """
    keys = list(CELL)
    cells = cells[keys] if without is None else cells[~_index(cells).isin(_index(without))][keys]
    chosen = cells.merge(rows, on=keys)
    by_cell = chosen.groupby(keys, dropna=False, sort=False)
    if len(by_cell) < len(cells) or by_cell.size().min() < FEWEST:
        raise UserError(f"{HERE / ROWS}: cells have fewer than {FEWEST} trials; --run goes on with the sweeps")
    rates = by_cell[[*RULES, "among"]].mean().reset_index(drop=True)
    return paired_differences(chosen, keys, new=CHOSEN, old="sparsest").join(rates)


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """The chosen rule against the sparsest over all trials of each task, and on how the inputs are divided."""
    exact = paired_differences(rows, ["task"], new=CHOSEN, old="sparsest").assign(criterion="exact")
    shared = rows[rows["overlap"].fillna(0) > 0]
    inputs = paired_differences(shared, ["task", "overlap"], new=f"inputs, {CHOSEN}", old="inputs, sparsest")
    return pd.concat([exact, inputs.assign(criterion="input_separability")], ignore_index=True)


def _index(cells: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(cells[list(CELL)].astype("string").fillna(""))


if __name__ == "__main__":
    sys.exit(main())
