"""Calling code of the user, which may raise anything, or exit."""

import os
import signal
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

from neural_sculpting.errors import UserError, described
from neural_sculpting.interruption import Interrupted, requested


def import_from_here() -> None:
    """Let import paths begin in the current folder, as with ``python -m``, in installed commands too."""
    here = os.getcwd()
    if not sys.flags.safe_path and not {"", here} & {*sys.path}:
        sys.path.insert(0, here)


@contextmanager
def user_code(whose: str, verb: str = "fails") -> Iterator[None]:
    """Raise a UserError, which begins with ``whose``, for whatever code of the user raises, unless it was interrupted.

    Its exit would otherwise be that of the program, without an error.
    """
    try:
        yield
    except UserError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        raise UserError(f"{whose} {verb} ({problem_of(error)})") from error


def is_failure(error: BaseException) -> bool:
    """Whether code of the user raised an error by itself, and was not interrupted by Ctrl-C or another signal."""
    if not isinstance(error, KeyboardInterrupt):
        return True
    by_ctrl_c = requested() or signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return not (isinstance(error, Interrupted) or by_ctrl_c)


def problem_of(error: BaseException) -> str:
    """Describe an error in code of the user, with the first line of that code that led to it."""
    frames = ((frame.lineno, Path(frame.filename)) for frame in extract_tb(error.__traceback__))
    where = next((f", line {line} of {path.name}" for line, path in frames if _is_users(path)), "")
    return described(error) + where


def _is_users(file: Path) -> bool:
    """Whether a file belongs neither to this package, nor to Python or an installed library."""
    room = Path(__file__).parent
    others = (room, room.with_name("hydra_plugins"), Path(sysconfig.get_path("stdlib")))
    return file.is_absolute() and "site-packages" not in file.parts and not any(map(file.is_relative_to, others))


@contextmanager
def exits_are_errors() -> Iterator[None]:
    """Raise a RuntimeError for what would end the process without an error, unless it was interrupted."""
    try:
        yield
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise RuntimeError(problem_of(error)) from error
