"""Arrays from NumPy's .npz files, whose size is checked before anything is expanded."""

from __future__ import annotations

import zipfile
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, check_expanded_size, on_one_line

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 100_000
"""Of all arrays together."""

MAGIC = b"\x93NUMPY"
READ_HEADER = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""By version; later ones are only for the names of structured arrays."""


def read_npz(file: Path) -> pd.DataFrame:
    """Read one-dimensional arrays as columns, and two-dimensional ones ``(row, column)`` as a column for each number.

    Raises:
        UserError: if the file is not an archive of plain arrays, or damaged; if the arrays do not fit together, or are
            too large when they are expanded.
    """
    import pandas as pd

    columns: list[tuple[str, NDArray[Any]]] = []
    for name, array in read_arrays(file, (1, 2)).items():
        several = array.ndim == 2
        columns += [(f"{name}{number}", each) for number, each in enumerate(array.T)] if several else [(name, array)]
    names, values = [name for name, _ in columns], dict(enumerate(column for _, column in columns))
    return pd.DataFrame(values).set_axis(names, axis=1)


def read_arrays(file: Path, dimensions: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    """Read arrays of so many dimensions and the same number of rows, by their names.

    Raises:
        UserError: if the file is not an archive of such arrays, or damaged, or too large when it is expanded.
    """
    try:
        arrays = _arrays_of(file, dimensions)
    except (UserError, OSError, MemoryError):
        raise
    except Exception as error:  # damaged archives raise anything
        raise UserError(f"{file}: is not an .npz file of plain arrays, or damaged ({on_one_line(error)})") from None
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UserError(f"{file}: its arrays differ in their number of rows: {found}")
    return arrays


def _arrays_of(file: Path, dimensions: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(file):
        raise ValueError("no archive of arrays")
    with zipfile.ZipFile(file) as archive:
        members = {name.removesuffix(".npy"): name for name in archive.namelist()}
        # A member never yields more bytes than the archive states, nor an array more than its own header does.
        check_expanded_size(file, sum(member.file_size for member in archive.infolist()))
        headers = {name: _header(archive, member, name) for name, member in members.items()}
        for name, (shape, dtype) in headers.items():
            if len(shape) not in dimensions:
                allowed = f"{', '.join(map(str, dimensions[:-1]))} or {dimensions[-1]}"
                raise UserError(f"{file}: array {name} has {len(shape)} dimensions; must have {allowed}, rows first")
            if dtype.kind == "V":
                raise UserError(f"{file}: array {name} has elements of several fields; must be numbers or text")
        # An empty array of many rows or columns is as large as one of bytes.
        sizes = (prod(max(1, n) for n in (*shape, dtype.itemsize)) for shape, dtype in headers.values())
        check_expanded_size(file, sum(sizes))
        width = sum(prod(shape[1:]) for shape, _ in headers.values())
        if width > MOST_COLUMNS:
            raise UserError(f"{file}: has {width:,} columns; at most {MOST_COLUMNS:,} can be read")
        return {name: _array(archive, member) for name, member in members.items()}


def _header(archive: zipfile.ZipFile, member: str, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    with archive.open(member) as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise ValueError(f"{name} is no array")
        stream.seek(0)
        try:
            shape, _, dtype = READ_HEADER[np.lib.format.read_magic(stream)](stream)
        except Exception:  # Python's parser may run out of memory, or overflow, at a few brackets or digits
            raise ValueError(f"array {name} has no readable header") from None
        return shape, dtype


def _array(archive: zipfile.ZipFile, member: str) -> NDArray[Any]:
    with archive.open(member) as stream:
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))  # unpickling would run code
