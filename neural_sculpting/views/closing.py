"""Close a sweep: write its tables, pictures, figure and page from the finished groups, and print a summary.

Nothing is trained: ``python -m neural_sculpting.collect`` does the same for a sweep that was stopped, and
``python -m neural_sculpting.read`` writes the tables of another reader.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pandas as pd

from neural_sculpting.errors import UserError, WriteError, on_one_line, writing
from neural_sculpting.files import CHECKPOINTS, PICTURES, READINGS, atomic_write
from neural_sculpting.paper.figures.figures import write_figure
from neural_sculpting.paper.figures.tables import PLANS, TRIAL, figure_table
from neural_sculpting.records.changes import change_rows
from neural_sculpting.records.group_files import FORMAT_VERSION
from neural_sculpting.records.nulls import null_rows
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.views.page.sweep_page import FILE, write_report
from neural_sculpting.views.pictures.trial_pictures import draw_pictures
from neural_sculpting.views.terminal.summary import print_summary

log = logging.getLogger(__name__)

MOST_TRIALS = 400
"""Trials up to which a page is written by default: each takes some milliseconds."""


def close_sweep(folder: Path) -> Sweep:
    """Write everything of a sweep from its finished groups, print a summary, and return the sweep.

    Writes ``networks.parquet``, ``trials.csv``, ``success_rates.csv``, ``answers.csv``, ``pictures/``; ``nulls.csv``,
    ``report.html`` where these are asked for; ``changes.csv`` where trials started from a sculpted network; the figure
    and table of an experiment of the paper; and last of all ``sweep.json``.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
        WriteError: if a file cannot be written; the summary is printed all the same.
    """
    sweep = Sweep.open(folder)
    if sweep.plan and sweep.plan.jobs is not None and not sweep.missing:  # left by a process that was killed
        rmtree(folder / CHECKPOINTS, ignore_errors=True)
    try:
        written = _write(sweep, folder)
    except WriteError:
        print_summary(sweep, folder)
        raise
    print_summary(sweep, folder, *written)
    return sweep


def _write(sweep: Sweep, folder: Path) -> tuple[list[Path], Path | None, Path | str | None, pd.DataFrame | None]:
    atomic_write(folder / "networks.parquet", lambda path: sweep.networks.to_parquet(path, index=False))
    atomic_write(folder / "trials.csv", lambda path: sweep.trials.to_csv(path, index=False))
    atomic_write(folder / "success_rates.csv", lambda path: sweep.rates.to_csv(path, index=False))
    atomic_write(folder / "answers.csv", lambda path: sweep.answers.to_csv(path, index=False))
    if any(group.config.nulls == "full" for group in sweep.groups):
        atomic_write(folder / "nulls.csv", lambda path: null_rows(sweep).to_csv(path, index=False))
    if any(group.start is not None for group in sweep.groups):
        atomic_write(folder / "changes.csv", lambda path: change_rows(sweep).to_csv(path, index=False))
    pictures = draw_pictures(sweep, folder / PICTURES)
    figure, cells = _write_figure(sweep, folder)
    asked = sweep.groups[0].config.report
    wants_page = asked == "always" or (asked == "auto" and len(sweep.by_job) <= MOST_TRIALS)
    page = _page_or_none(sweep, folder / FILE) if wants_page else None
    about = {"format_version": FORMAT_VERSION, "groups": [group.about for group in sweep.groups]}
    text = json.dumps(about, indent=2) + "\n"
    # Last: it means that everything is written.
    atomic_write(folder / "sweep.json", lambda path: path.write_text(text, encoding="utf-8"))
    return pictures, page, figure, cells


def _page_or_none(sweep: Sweep, path: Path) -> Path | None:
    """Write the page; a bug there is logged and costs the page alone."""
    try:
        return write_report(sweep, path)
    except (UserError, OSError):
        raise
    except Exception as error:
        log.error("the page could not be made (%s: %s)", type(error).__name__, on_one_line(error))
        log.debug("making the page stopped with an error", exc_info=True)
        return None


def _write_figure(sweep: Sweep, folder: Path) -> tuple[Path | str | None, pd.DataFrame | None]:
    """Write the figure of an experiment of the paper; return it, or why there is none, and its table."""
    experiment, trials = sweep.plan.experiment if sweep.plan else None, sweep.trials
    if experiment not in PLANS:
        return None, None
    repeated = trials[trials.duplicated(list(TRIAL))]
    if len(repeated):
        first, swept = repeated.iloc[0], ", ".join(sweep.swept)
        reason = f" (the sweep is over {swept} too)" if swept else ""
        return f"{first['task']} {first['layers']} with seed {first['seed']} appears more than once{reason}", None
    cells = figure_table(trials, experiment)
    if not cells["sparsest_trials"].any():
        return "none of the trials belongs to it", None
    picture, *_ = write_figure(cells, experiment, folder, trials)
    return picture, cells


def write_reading(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Read the networks of a sweep again, write its tables to ``readings/<reader>/`` and print what was found.

    Args:
        folder: of the sweep; its own tables and groups stay as they are.
        changes: settings of the section ``analysis``, by their names in it, the ``reader`` among them.

    Returns:
        The folder of the reading.

    Raises:
        UserError: as :func:`~neural_sculpting.records.reading_again.read_again`.
    """
    stored = Sweep.open(folder)
    sweep = replace(stored, groups=tuple(read_again(group, changes) for group in stored.groups))
    out = folder / READINGS / str(changes["reader"])
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    atomic_write(out / "trials.csv", lambda path: sweep.trials.to_csv(path, index=False))
    atomic_write(out / "answers.csv", lambda path: sweep.answers.to_csv(path, index=False))
    print_summary(sweep, out)
    return out
