"""Compressed files, recognized by their names and never expanded beyond what fits in memory."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from neural_sculpting.errors import UserError, check_expanded_size, on_one_line


def _zst(file: Path) -> IO[bytes]:
    import pyarrow

    return io.BufferedReader(pyarrow.input_stream(str(file), compression="zstd"))  # which reads lines, too


def _zip(file: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    if len(names := archive.namelist()) != 1:
        raise ValueError(f"{len(names)} files; must be one")
    return archive.open(names[0])


COMPRESSED: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _zst,
    ".zip": _zip,
}


def open_bytes(file: Path) -> IO[bytes]:
    """Open a file for reading what is in it, expanded if its name says that it is compressed."""
    stream: IO[bytes] = COMPRESSED.get(file.suffix.lower(), partial(open, mode="rb"))(file)
    return stream


def check_compression(file: Path) -> None:
    """Raise a UserError if a compressed file is damaged, or expands to more than a file may have."""
    if file.suffix.lower() not in COMPRESSED:
        return
    try:
        with open_bytes(file) as stream:
            for size in accumulate(map(len, iter(partial(stream.read, 2**20), b""))):
                check_expanded_size(file, size)
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError) as error:
        problem = f"is not a table compressed as {file.suffix.lower()}, or damaged ({on_one_line(error)})"
        raise UserError(f"{file}: {problem}") from None
