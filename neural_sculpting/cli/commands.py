"""What the small commands share: ``python -m neural_sculpting.collect``, ``report``, ``export`` and ``dashboard``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from neural_sculpting.cli.output import watched_output
from neural_sculpting.errors import ELSEWHERE, UserError, write_problem

INSTALLED = "neural-sculpting"


def program(name: str) -> str:
    """Return how to call a program: as this process was called, by the installed command or as a module."""
    return f"{INSTALLED} {name}" if Path(sys.argv[0]).stem == INSTALLED else f"python -m neural_sculpting.{name}"


class Parser(argparse.ArgumentParser):
    """A parser of one of the programs, by its name, that reports mistakes as UserErrors."""

    def __init__(self, name: str, description: str | None = None, *, add_help: bool = True) -> None:
        super().__init__(prog=program(name), description=description, add_help=add_help)

    def error(self, message: str) -> NoReturn:
        """Raise a UserError."""
        raise UserError(f"{message}; --help shows what is allowed")


def run_cli(
    parser: argparse.ArgumentParser,
    act: Callable[[argparse.Namespace], Path | None],
    command_line: Sequence[str] | None = None,
) -> int:
    """Parse a command line, by default that of the process, call ``act`` with the result and return the exit code.

    A user's mistake is reported on one line. ``act`` returns where its results are, None where it only prints.
    """
    flag = ""
    with watched_output() as output:
        try:
            asked = parser.parse_args(command_line)
            flag = " with --out" if "out" in asked else ""
            output.results = act(asked)
            return output.end(0)
        except SystemExit as end:  # --help
            return output.end(int(end.code or 0))
        except UserError as error:
            problem = str(error)
        except OSError as error:
            found = write_problem(error)
            if found is None:
                raise
            problem = found + flag * found.endswith(ELSEWHERE)
    print(f"error: {problem}", file=sys.stderr)
    return 1
