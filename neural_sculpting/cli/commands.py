"""What the small commands share: ``python -m neural_sculpting.collect``, ``report``, ``export`` and ``dashboard``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from neural_sculpting.errors import UserError
from neural_sculpting.standard_streams import open_missing


class Parser(argparse.ArgumentParser):
    """A parser that reports mistakes as UserErrors."""

    def error(self, message: str) -> NoReturn:
        """Raise a UserError."""
        raise UserError(f"{message}; --help shows what is allowed")


def run_cli(
    parser: argparse.ArgumentParser,
    act: Callable[[argparse.Namespace], None],
    command_line: Sequence[str] | None = None,
) -> int:
    """Parse a command line, by default that of the process, call ``act`` with the result and return the exit code.

    A user's mistake is reported on one line.
    """
    open_missing()
    try:
        act(parser.parse_args(command_line))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
