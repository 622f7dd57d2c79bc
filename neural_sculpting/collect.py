"""Tables, pictures and the figure of a sweep that was stopped: ``python -m neural_sculpting.collect <folder>``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from neural_sculpting.cli.commands import Parser, run_cli
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.records.finished import require_groups


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    parser = Parser(
        "collect",
        "Write the tables, the pictures and the figure of a sweep from its finished groups, without "
        "training; existing files are replaced. A sweep does so itself when it ends, unless it is killed.",
    )
    parser.add_argument("folder", type=Path, help="the folder of the sweep")
    return run_cli(parser, lambda asked: _collect(asked.folder), command_line)


def _collect(folder: Path) -> Path:
    require_groups(folder)
    with gc_paused(for_good=True):
        from neural_sculpting.views.closing import close_sweep  # takes seconds
    close_sweep(folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
