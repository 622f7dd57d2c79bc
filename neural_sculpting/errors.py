"""The error that users can make and fix, and errors of the system that are reported like it."""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LARGEST_FILE = 2 * 10**9
"""Bytes. Larger files do not fit in memory beside networks that are trained on them."""

LARGEST_JSON = 10**9
"""Bytes. Files of this program are far smaller."""

NO_ROOM = {
    errno.ENOSPC: "free space on the disk",
    errno.EDQUOT: "delete files or ask for a larger quota",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
}
"""Errors of the system where a disk takes no more, and what to do about them."""

ELSEWHERE = "make it writable or choose another folder"

REMEDIES = {
    **NO_ROOM,
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), ELSEWHERE),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), "move the file that is where a folder should be"),
    **dict.fromkeys((errno.EISDIR, errno.ENOTEMPTY), "move the folder that is in its place"),
    errno.ENOENT: "its folder does not exist",
}
"""Errors of the system when a file is written that the user can fix, and how."""


class WriteError(OSError):
    """A file could not be written: an error of the system with the name of the file."""


class UserError(Exception):
    """A mistake in a configuration or a file.

    The message is one line that names the key or the file, what was found, and what is allowed. The command line
    prints it without a traceback and exits with code 1. Line breaks and other control characters are escaped.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [f"UserError: {self}"]


def without_internals(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function of the Python interface: the traceback of a UserError ends where the user called it."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except UserError as error:
            raise error.with_traceback(None) from None

    return call


def closest(word: str, known: Iterable[str]) -> list[str]:
    """Return the one name that a word resembles most; none where it resembles none."""
    folded = {name.casefold(): name for name in known}
    return [folded[name] for name in get_close_matches(word.casefold(), folded, n=1, cutoff=0.7)]


def did_you_mean(names: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the names that may have been meant; empty where there are none."""
    meant = " or ".join(names)
    return f" (did you mean {meant}?)" if meant else ""


def printable(text: str) -> str:
    """Escape characters that cannot be printed, such as line breaks."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def on_one_line(error: BaseException) -> str:
    """Return the message of an error without line breaks and repeated spaces."""
    try:
        return " ".join(str(error).split())
    except BaseException:  # code of the user may have any __str__
        return "its message cannot be shown"


def described(error: BaseException) -> str:
    """Return the type and the message of an error on one line."""
    return f"{type(error).__name__}: {on_one_line(error)}".removesuffix(": ")


def write_problem(error: BaseException) -> str | None:
    """Return on one line why a file could not be written, and what to do; None for any other error."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, UserError):
        if isinstance(cause, WriteError) or (isinstance(cause, OSError) and cause.errno in NO_ROOM):
            number, file = cause.errno or 0, cause.filename2 or cause.filename or "a file"
            remedy = f"; {REMEDIES[number]}" if number in REMEDIES else ""
            return printable(f"{file}: cannot be written ({os.strerror(number)}){remedy}")
        cause = cause.__cause__
    if isinstance(error, FileNotFoundError):
        try:
            os.getcwd()
        except FileNotFoundError:
            return "the current folder was deleted; change to another one"
    return None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise errors of the system in the block as a WriteError with the name of the file; it keeps an inner one."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, UserError | WriteError):
            if isinstance(cause, OSError) and cause.errno is not None:
                in_the_way = cause.filename if cause.errno == errno.EEXIST else None
                raise WriteError(cause.errno, os.strerror(cause.errno), str(in_the_way or path)) from error
            cause = cause.__cause__ or cause.__context__  # torch's own error hides that of its file in the context
        raise


def without_tilde(key: str, path: str) -> Path:
    """Expand ``~`` in the path that the configuration has for a key; a UserError if it is none."""
    if "\0" in path:
        raise UserError(f"{key}={path}: no path may contain the character 0")
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UserError(f"{key}={path}: no such home folder") from None


@contextmanager
def reading(key: str, path: str, file: Path) -> Iterator[None]:
    """Raise a UserError if ``file``, configured by ``key=path``, is missing, unreadable or larger than the memory."""
    try:
        yield
    except FileNotFoundError:
        where = "" if file.is_absolute() else f" in {Path.cwd()}"
        raise UserError(f"{key}={path}: no such file{where}") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror or on_one_line(error)})") from None
    except MemoryError:
        raise UserError(f"{file}: does not fit in memory") from None


def unreadable(error: OSError) -> UserError:
    """Return the UserError for a file that exists and cannot be read."""
    return UserError(f"{error.filename}: cannot be read ({error.strerror or on_one_line(error)})")


def read_json(path: Path) -> Any:
    """Read JSON, unless it is too large or too deeply nested to be this program's.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is not JSON in UTF-8.
    """
    if path.stat().st_size > LARGEST_JSON:
        raise ValueError(f"more than {LARGEST_JSON / 1e9:.0f} GB of JSON")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None


def check_file(key: str, path: str, file: Path, allowed: str) -> None:
    """Check ``file``, configured by ``key=path``, before a library reads it.

    Raises:
        OSError: if there is no such file, or it cannot be read.
        UserError: if it is a folder, empty, or larger than ``LARGEST_FILE``.
    """
    size = file.stat().st_size
    if file.is_dir():
        raise UserError(f"{key}={path}: is a folder; must be {allowed}")
    if size == 0:
        raise UserError(f"{file}: is empty; must be {allowed}")
    with file.open("rb"):  # a library would report a lack of permission in its own words
        pass
    if size > LARGEST_FILE:
        raise UserError(f"{file}: has {size / 1e9:.1f} GB; at most {LARGEST_FILE / 1e9:.0f} GB can be read")


def check_expanded_size(file: Path, size: int) -> None:
    """Raise a UserError if a file expands to more bytes than a file may have."""
    if size > LARGEST_FILE:
        raise UserError(f"{file}: expands to more than {LARGEST_FILE / 1e9:.0f} GB, which is the most that can be read")
