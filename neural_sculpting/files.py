"""Files that are written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neural_sculpting.errors import writing


def atomic_write(path: Path, write: Callable[[Path], Any]) -> None:
    """Let a file appear under its name when it is complete, on the disk too; until then what was there stays.

    Args:
        path: where it goes.
        write: writes it at another path of the same folder.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with writing(path):
            write(unfinished)
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())  # else a machine that goes down may leave a name without its content
            os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def clear_unfinished(folder: Path) -> None:
    """Take away what processes that were killed have left of the files that they were writing.

    Args:
        folder: where they lie; those in other folders are left alone.
    """
    for path in folder.glob(".*.*"):
        number = path.suffix.removeprefix(".")
        if path.is_file() and number.isdecimal() and number.isascii() and not is_running(int(number)):
            path.unlink(missing_ok=True)


def is_running(number: int) -> bool:
    """Whether this machine runs a process of this number."""
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # of somebody else
        return True
    return True
