"""What the small commands share: ``python -m neural_sculpting.collect``, ``report``, ``export`` and ``dashboard``."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from os.path import isdir  # that of pathlib raises where a path is too long
from pathlib import Path
from typing import NoReturn

from neural_sculpting.errors import UserError
from neural_sculpting.files import GROUPS


class Parser(argparse.ArgumentParser):
    """A parser that reports mistakes like every other mistake of the user."""

    def error(self, message: str) -> NoReturn:
        """Raise the mistake.

        Raises:
            UserError: always.
        """
        raise UserError(f"{message}; --help shows what is allowed")


def run_cli(
    parser: argparse.ArgumentParser,
    act: Callable[[argparse.Namespace], None],
    command_line: Sequence[str] | None = None,
) -> int:
    """Run a command line and return its exit code; a user's mistake is reported on one line.

    Args:
        parser: reads it.
        act: does what it asks.
        command_line: by default that of the process.
    """
    try:
        act(parser.parse_args(command_line))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def check_sweep(folder: Path) -> None:
    """Refuse a folder that holds no finished group of a sweep, before seconds are spent on imports.

    Raises:
        UserError: if there is no such folder, none in it, or it cannot be read.
    """
    check_folder(folder)
    if not any(folder.glob("groups/[0-9]*")):
        raise UserError(f"{folder}: holds no finished group of a sweep")


def check_folder(folder: Path) -> None:
    """Refuse a folder of a run that is not there, or cannot be listed and would seem to be empty.

    Raises:
        UserError: if it is so.
    """
    if not isdir(folder):
        raise UserError(f"{folder}: no such folder")
    for path in (folder, folder / GROUPS):
        try:
            os.listdir(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from None
