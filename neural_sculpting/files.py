"""Files that are written completely or not at all, and names in a sweep's folder."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from neural_sculpting.errors import UserError, writing

if TYPE_CHECKING:
    from filelock import BaseFileLock

GROUPS = "groups"
"""A folder for each group that is finished."""

CHECKPOINTS = "checkpoints"
"""Batches that are being sculpted."""

PICTURES = "pictures"
"""The pictures of networks and hierarchies."""

READINGS = "readings"
"""A folder for each reader that has read the networks again."""


def check_inside(key: str, name: str) -> None:
    """Raise a UserError if a path of the configuration leaves the folder of a run, or leads into its results."""
    path = PurePath(name)
    is_result = path.parts[:1] in [(GROUPS,), (CHECKPOINTS,)]
    if path.is_absolute() or ".." in path.parts or not name.isprintable() or is_result:
        raise UserError(
            f"{key}={name}: must be a path inside the folder of the run, without .., that does not begin with "
            f"{GROUPS} or {CHECKPOINTS}"
        )


def atomic_write(path: Path, write: Callable[[Path], Any], *, durable: bool = True) -> None:
    """Replace a file once its new content, which ``write`` writes to another path, is complete.

    Devices and pipes such as ``/dev/stdout`` are written to instead; a link stays, and its target is replaced.

    Args:
        path: the file.
        write: called with the path to write to.
        durable: whether the file must survive a machine that goes down; costs milliseconds.

    Raises:
        WriteError: if the file cannot be written.
    """
    with writing(path):
        target = Path(os.path.realpath(path)) if path.is_symlink() else path  # a link to itself is replaced
        if target.exists() and not target.is_file() and not target.is_dir():
            write(target)
            return
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            write(unfinished)
            if durable:  # else a machine that goes down may leave a name without its content
                sync(unfinished)
            os.replace(unfinished, target)
            if durable:
                sync(target.parent)
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on the disk."""
    try:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EINVAL, errno.ENOTSUP):  # cannot be read, or synced
            raise


def lock(path: Path, busy: str) -> "BaseFileLock":
    """Lock a file against other processes, on whatever machine, and return the lock, which the caller releases.

    Raises:
        UserError: with the message ``busy``, if another process has locked it.
        OSError: if it cannot be written.
    """
    from filelock import FileLock, Timeout  # takes 50 ms

    found = FileLock(path)
    try:
        found.acquire(blocking=False)
    except Timeout:
        raise UserError(busy) from None
    return found


def clear_unfinished(folder: Path, name: str = "*") -> None:
    """Delete files of a name in a folder that killed processes left unfinished; subfolders stay as they are."""
    for path in folder.glob(f".{name}.*"):
        number = path.suffix.removeprefix(".")
        if path.is_file() and number.isdecimal() and number.isascii() and not is_running(int(number)):
            path.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether this machine runs a process of this number."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it belongs to another user
        return True
    return True


def typed_path(path: Path) -> str:
    """A path as short as it can be typed from the current folder."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
