"""What the commands of experiments with sweeps of their own share."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from neural_sculpting.cli.folders import ROOT
from neural_sculpting.errors import UserError


def answer(
    name: str,
    description: str,
    run_sweeps: Callable[[Path], int],
    store: Callable[[Path], None],
    write: Callable[[], None],
    command_line: Sequence[str] | None = None,
) -> int:
    """Run a command line and return its exit code: run the sweeps and store their rows where asked, then write.

    Args:
        name: of the experiment.
        description: for the help.
        run_sweeps: runs the sweeps that are not finished in a folder; returns an exit code.
        store: keeps the rows of the sweeps in a folder.
        write: writes tables, figures and the page from the stored rows.
        command_line: by default that of the process.
    """
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{name}", description=description)
    parser.add_argument("--run", action="store_true", help="first run the sweeps, or go on with them")
    parser.add_argument("--from", dest="folder", type=Path, help="first store the rows of the sweeps in a folder")
    arguments = parser.parse_args(command_line)
    folder = arguments.folder or (ROOT / name if arguments.run else None)
    try:
        if arguments.run and (code := run_sweeps(folder)):
            return code
        if folder:
            store(folder)
        write()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
