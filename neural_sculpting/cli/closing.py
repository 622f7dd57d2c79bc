"""The end of a sweep: tables, pictures, the page, and what the terminal shows."""

from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from neural_sculpting.files import CHECKPOINTS
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.records.finished import finished_jobs

if TYPE_CHECKING:
    from neural_sculpting.records.plan import Plan
    from neural_sculpting.records.sweep import Sweep

MOST_TRIALS = 400
"""Up to which a page is written without being asked for: it takes some milliseconds for each."""


def close_sweep(folder: Path, plan: "Plan | None", jobs: int | None) -> bool:
    """Write tables, pictures and the page from the groups that are finished, and print what was found.

    Args:
        folder: the folder of the sweep.
        plan: what it set out to do, where that is known.
        jobs: how many jobs it has, where that is known.

    Returns:
        Whether every job has its rows.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
    """
    with gc_paused():
        from neural_sculpting.exporting.shown_formulas import FormulaLines
        from neural_sculpting.views.collect import collect  # takes seconds

    if jobs is not None and set(range(jobs)) <= finished_jobs(folder):  # left where a process was killed in between
        rmtree(folder / CHECKPOINTS, ignore_errors=True)
    read_formulas = FormulaLines()  # the terminal and the page share what is read

    def write_page(sweep: "Sweep") -> Path | None:
        if not _wants_page(sweep):
            return None
        from neural_sculpting.views.page.sweep_page import FILE, write_report

        return write_report(sweep, folder / FILE, read_formulas)

    return collect(folder, jobs, plan.experiment if plan else None, write_page, read_formulas)


def _wants_page(sweep: "Sweep") -> bool:
    """Whether a page is asked for; where nobody says so, whether it is cheap."""
    asked = sweep.groups[0].config.report
    trials = sweep.by_job["job"].nunique()
    return asked == "always" or (asked == "auto" and trials <= MOST_TRIALS)
