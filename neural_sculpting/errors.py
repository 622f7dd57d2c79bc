"""The one kind of error that a user can make and mend, and how errors of others are told with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UserError(Exception):
    """A mistake in a configuration or a file.

    The message is one line that names the key or the file, what was found, and what is allowed. The command line
    prints it without a traceback and exits with code 1.
    """


def on_one_line(error: BaseException) -> str:
    """The message of an error without line breaks and repeated blanks."""
    return " ".join(str(error).split())


def without_tilde(key: str, path: str) -> Path:
    """A path of a configuration with the user's home in place of ``~``.

    Args:
        key: of the configuration.
        path: its value.

    Raises:
        UserError: if there is no such home.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UserError(f"{key}={path}: no such home folder") from None


@contextmanager
def reading(key: str, path: str, file: Path) -> Iterator[None]:
    """Tell in one line that a file cannot be read.

    Args:
        key: of the configuration that names it.
        path: the value of the key.
        file: the file that it stands for.

    Raises:
        UserError: if it is missing, not to be read, or too large for the memory.
    """
    try:
        yield
    except FileNotFoundError:
        where = "" if file.is_absolute() else f" in {Path.cwd()}"
        raise UserError(f"{key}={path}: no such file{where}") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror or on_one_line(error)})") from None
    except MemoryError:
        raise UserError(f"{file}: does not fit in memory") from None


def size_of_file(key: str, path: str, file: Path, allowed: str) -> int:
    """The size of a file in bytes, which is not zero.

    Args:
        key: of the configuration that names it.
        path: the value of the key.
        file: the file that it stands for.
        allowed: what it may be, in words.

    Raises:
        OSError: if there is no such file.
        UserError: if it is a folder, or empty.
    """
    size = file.stat().st_size
    if file.is_dir():
        raise UserError(f"{key}={path}: is a folder; must be {allowed}")
    if size == 0:
        raise UserError(f"{file}: is empty; must be {allowed}")
    return size
