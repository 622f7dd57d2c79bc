"""Tables, pictures and the figure of a sweep that was stopped: ``python -m neural_sculpting.collect <folder>``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from neural_sculpting.errors import UserError


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; a mistake of the user is told on one line.

    Args:
        command_line: by default that of the process.
    """
    try:
        _collect(_parser().parse_args(command_line).folder)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; --help shows what is allowed")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m neural_sculpting.collect",
        description="Write the tables, the pictures and the figure of a sweep from its finished groups, without "
        "training; what is there is replaced. A sweep does so itself when it ends, unless it is killed.",
    )
    parser.add_argument("folder", type=Path, help="the folder of the sweep")
    return parser


def _collect(folder: Path) -> None:
    from neural_sculpting.command_line.closing import close_sweep
    from neural_sculpting.command_line.plans import read_plan  # takes half a second

    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder")
    plan = read_plan(folder)
    if not any(folder.glob("groups/[0-9]*")):
        raise UserError(f"{folder}: holds no finished group of a sweep")

    try:
        close_sweep(folder, plan, plan.jobs if plan else None)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror or error})") from error


if __name__ == "__main__":
    sys.exit(main())
