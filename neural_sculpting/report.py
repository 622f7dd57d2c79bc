"""A page to read of a sweep, or of several side by side: ``python -m neural_sculpting.report <folder> …``."""

import argparse
import logging
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neural_sculpting.cli.commands import Parser, check_sweep, run_cli
from neural_sculpting.errors import UserError
from neural_sculpting.gc_pause import gc_paused

if TYPE_CHECKING:
    from neural_sculpting.config.schemas import Config


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; a mistake of the user is told on one line.

    Args:
        command_line: by default that of the process.
    """
    return run_cli(_parser(), lambda asked: print(_report(asked.folders, asked.out)), command_line)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m neural_sculpting.report",
        description="Write a page that shows a sweep: the answer, success rates, and every network with why it failed. "
        "Of several sweeps, write a page that compares them. A page is one file that loads nothing from anywhere.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="folder", help="the folder of a sweep")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where the page goes (default: report.html in the folder; of several, comparison.html here)",
    )
    return parser


def _report(folders: Sequence[Path], out: Path | None) -> Path:
    from neural_sculpting.cli.plan import read_plan  # takes half a second

    plans = []
    for folder in folders:
        check_sweep(folder)
        plan = read_plan(folder)
        plans.append({"overrides": plan.overrides, "multirun": plan.multirun, "jobs": plan.jobs} if plan else {})
    page = out or (folders[0] / "report.html" if len(folders) == 1 else Path("comparison.html"))
    try:
        return _write(folders, plans, page)
    except OSError as error:
        raise UserError(f"{page}: cannot be written ({error.strerror or error})") from error


def _write(folders: Sequence[Path], plans: Sequence[dict[str, Any]], page: Path) -> Path:
    with gc_paused():
        from neural_sculpting.views.page.comparison_page import write_comparison  # takes seconds
        from neural_sculpting.views.page.sweep_page import write_report
        from neural_sculpting.views.page.sweeps import open_sweep

    sweeps = [open_sweep(folder, **plan) for folder, plan in zip(folders, plans, strict=True)]
    if len(sweeps) > 1:
        return write_comparison(sweeps, page)
    [sweep], [plan] = sweeps, plans
    defaults = _defaults({group.config.task.name for group in sweep.groups})
    return write_report(sweep.folder, sweep.groups, **plan, defaults=defaults, path=page)


def _defaults(tasks: Iterable[str]) -> dict[str, "Config"]:
    """The configuration of each task where nothing else is set; tasks without a file of their own are left out."""
    from neural_sculpting.config.composing import compose

    found = {}
    logging.disable(logging.WARNING)  # which of the paper's settings the defaults would get is no news here
    try:
        for task in sorted(tasks):
            with suppress(UserError):
                found[task] = compose([f"task={task}"])
    finally:
        logging.disable(logging.NOTSET)
    return found


if __name__ == "__main__":
    sys.exit(main())
