"""Run the paper's experiments, keep their results in this folder, and draw tables and figures without training.

Run it with ``python -m experiments.figures`` from the top of the repository; ``--help`` tells how.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.pages import page
from experiments.stored_rows import ROWS, read, store
from neural_sculpting import run
from neural_sculpting.cli.folders import ROOT
from neural_sculpting.cli.plan import read_plan
from neural_sculpting.errors import UserError
from neural_sculpting.paper.figures.figures import write_figure
from neural_sculpting.paper.figures.measures import measures_table
from neural_sculpting.paper.figures.tables import PLANS, figure_table

HERE = Path(__file__).parent
NOTES = "notes.md"
"""Written by hand; stands in the page after the tables."""


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    arguments = _parser().parse_args(command_line)
    names, sweep = arguments.experiments, arguments.sweep
    try:
        if unknown := [name for name in names if name not in PLANS]:
            raise UserError(f"{unknown[0]}: no such experiment; there are {', '.join(PLANS)}")
        if (sweep or arguments.run is not None) and len(names) != 1:
            raise UserError("--run and --from: go with one experiment")
        if arguments.run is not None:
            sweep = sweep or ROOT / names[0]
            if code := run_or_resume(names[0], sweep, arguments.run):
                return code
        if sweep:
            store(sweep, arguments.to / names[0], names[0])
        for name in names or [name for name in PLANS if (arguments.to / name / ROWS).exists()]:
            print(*redraw(name, arguments.to / name), sep="\n")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run_or_resume(experiment: str, sweep: Path, overrides: Sequence[str] = ()) -> int:
    """Run an experiment in a folder, go on where an earlier run stopped, or do nothing where it is finished.

    Args:
        experiment: its name.
        sweep: the folder.
        overrides: further settings of the run.

    Returns:
        The exit code of the run.
    """
    plan = read_plan(sweep)
    if plan is not None and plan.is_finished(sweep):
        print(f"{sweep} is finished; name another folder with --from to run it anew")
        return 0
    goes_on = ["resume=true"] if plan else []
    return run.main(["-m", f"experiment={experiment}", f"hydra.sweep.dir='{sweep}'", *overrides, *goes_on])


def redraw(figure: str, folder: Path) -> list[Path]:
    """Write the table, the figure and the page of an experiment from its stored rows.

    Args:
        figure: its name.
        folder: holds the rows and takes what is written.

    Returns:
        What was written.

    Raises:
        UserError: if no rows are stored there.
    """
    trials, about = read(folder)
    table = figure_table(trials, figure)
    paths = write_figure(table, figure, folder, trials)
    notes = folder / NOTES
    text = notes.read_text(encoding="utf-8") if notes.exists() else ""
    readme = folder / "README.md"
    readme.write_text(page(figure, table, measures_table(trials, figure), about, text), encoding="utf-8")
    return [*paths, readme]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m experiments.figures", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("experiments", nargs="*", metavar="experiment", help=f"{', '.join(PLANS)}; by default all that are stored")
    add(
        "--from", dest="sweep", type=Path, metavar="SWEEP", help="first store what is finished in the folder of a sweep"
    )
    add("--to", type=Path, default=HERE, help="the folder that holds the folders of the experiments")
    add(
        "--run",
        nargs=argparse.REMAINDER,
        metavar="OVERRIDE",
        help="first run the sweep, or go on with it, and store it",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
