"""What a mistake is, and ways to damage a file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def nothing(folder: Path) -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Mistake:
    """A command line that must be refused.

    Attributes:
        words: the command line.
        names: what the message must contain: the key or file, and what may be there.
        prepare: fills the folder in which the command is given.
        barred: whether permissions must apply, which they do not for root.
    """

    words: tuple[str, ...]
    names: tuple[str, ...]
    prepare: Callable[[Path], None] = nothing
    barred: bool = False
    note: str = ""

    def __str__(self) -> str:
        text = " ".join((*self.words, self.note)).strip()
        return text.encode("unicode_escape").decode("ascii")[:90]


def written(name: str, content: str | bytes, mode: int = 0o644) -> Callable[[Path], None]:
    """A file with this content."""

    def prepare(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)

    return prepare


def folder_of(name: str, mode: int = 0o755) -> Callable[[Path], None]:
    """An empty folder."""

    def prepare(folder: Path) -> None:
        (folder / name).mkdir(parents=True)
        (folder / name).chmod(mode)

    return prepare


NOT_UTF8 = b"\xff\xfe\x80 not UTF-8\n" * 9
HUGE = 6 * 10**9

DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: os.truncate(path, 0),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "without its last byte": lambda path: os.truncate(path, path.stat().st_size - 1),
    "another format": lambda path: path.write_bytes(b"neither the one nor the other\n" * 9),
    "not UTF-8": lambda path: path.write_bytes(NOT_UTF8),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a link to itself": lambda path: (path.unlink(), path.symlink_to(path.name)),
    "huge": lambda path: os.truncate(path, HUGE),  # a hole: it takes no room on the disk
    "barred": lambda path: path.chmod(0),
}
"""Ways to damage a file, by their names; the last one where permissions apply."""
