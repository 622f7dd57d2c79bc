"""What the small commands share: ``python -m neural_sculpting.collect``, ``report``, ``export`` and ``dashboard``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from neural_sculpting.errors import UserError


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
