"""Files that are written whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neural_sculpting.errors import writing


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
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
