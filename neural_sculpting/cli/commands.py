"""What commands share: how they are called, run and end; their output, which may end early; studies of a checkout."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

from neural_sculpting.errors import ELSEWHERE, UserError, write_problem
from neural_sculpting.standard_streams import discard, open_missing

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


class Output:
    """The standard output; after the first error nothing more is written, and the command continues.

    Attributes:
        results: where the results of the command are; None while the output is all there is.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._error: OSError | None = None
        self.results: Path | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write some text."""
        if self._error is None:
            with self._watched():
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        if self._error is None:
            with self._watched():
                self._stream.flush()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._error = error
            with suppress(OSError):  # what is buffered must not fail again when the process ends
                discard(self._stream.fileno())

    def end(self, code: int) -> int:
        """Report an error on one line, and return the exit code of the command; ``code`` is that of its results."""
        self.flush()
        if self._error is None or (self.results is None and isinstance(self._error, BrokenPipeError)):
            return code
        kind, where = ("error", "") if self.results is None else ("warning", f"; the results are in {self.results}")
        print(f"{kind}: standard output: cannot be written ({self._error.strerror}){where}", file=sys.stderr)
        return code or int(self.results is None)


@contextmanager
def watched_output() -> Iterator[Output]:
    """Replace the standard output by an :class:`Output`; streams that are closed are opened first."""
    open_missing()
    before = sys.stdout
    output = Output(before)
    sys.stdout = cast(TextIO, output)
    try:
        yield output
    finally:
        sys.stdout = before


STUDY = "experiment="


def study_command(overrides: Sequence[str]) -> list[str] | None:
    """Make the command of the study that ``experiment`` names, with all other overrides.

    None if it names none of those in the package ``experiments`` of the current folder; the experiments of the paper
    are files of the configuration.
    """
    names = [line.removeprefix(STUDY) for line in overrides if line.startswith(STUDY)]
    if len(names) != 1 or not names[0].isidentifier() or (spec := find_spec("experiments")) is None:
        return None
    if not any((Path(folder) / names[0] / "__main__.py").exists() for folder in spec.submodule_search_locations or ()):
        return None
    others = [line for line in overrides if not line.startswith(STUDY)]
    return [sys.executable, "-m", f"experiments.{names[0]}", "--run", *others]


def become(command: list[str]) -> NoReturn:
    """Replace this process by the study, whose sweeps are commands like this one: it gets all signals itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)
