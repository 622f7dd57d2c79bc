"""Tables from CSV, Parquet and NumPy's .npz files, with errors that name the file."""

from __future__ import annotations

import logging
import warnings
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, check_file, on_one_line, reading, without_tilde
from neural_sculpting.tasks.tables.frames import TableInMemory, column_name

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

ALLOWED_FILES = "a CSV (.csv), Parquet (.parquet) or NumPy file (.npz)"

OTHER_SEPARATORS = ";\t|"


def read_table(path: str) -> pd.DataFrame:
    """Read a table by the extension of its file, or take one in memory.

    In ``.csv`` files (UTF-8 with or without a byte order mark, commas, names in the first line), cells that are empty
    or contain a word such as NA or NaN are missing values, and so are those that a row lacks at its end. The
    one-dimensional arrays of an ``.npz`` file are columns, and so are the columns of two-dimensional ones
    ``(row, column)``, with a number after the name of the array: ``X0``, ``X1``.

    Returns:
        One row for each example, numbered from 0, with at least one column and one row. Names of columns are text
        without surrounding blanks, and unique. Columns without a name are left out with a warning, such as the row
        numbers that pandas writes beside a table; the index of a Parquet file is left out too.

    Raises:
        UserError: if the file is missing, of another kind, empty, damaged, too large, or unreadable.
    """
    if isinstance(path, TableInMemory):
        return _checked(path.frame, path)
    file = without_tilde("task.path", path)
    read = READERS.get(file.suffix.lower())
    if read is None:
        raise UserError(f"task.path={path}: must be {ALLOWED_FILES}")
    with reading("task.path", path, file):
        check_file("task.path", path, file, ALLOWED_FILES)
        return _checked(read(file), file)


def _read_csv(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # unnamed values would be dropped
            read = partial(pd.read_csv, file, encoding="utf-8-sig", skipinitialspace=True)
            names = read(header=None, nrows=1, dtype=str, na_filter=False).iloc[0].tolist()
            if len(names) == 1 and any(other in names[0] for other in OTHER_SEPARATORS):
                raise UserError(f"{file}: has one column, named {names[0]!r}; columns must be separated by commas")
            frame = read(index_col=False, low_memory=False)
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not UTF-8 text (line {_undecodable_line(file)})") from None
    except pd.errors.ParserWarning:
        raise UserError(f"{file}: its rows have more values than the first line has names") from None
    except ValueError as error:
        problem = on_one_line(error).removeprefix("Error tokenizing data. C error: ")
        raise UserError(f"{file}: is not a CSV file ({problem})") from None
    return frame.set_axis(names, axis=1)  # as written: pandas renames duplicates


def _undecodable_line(file: Path) -> int:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 0


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd
    from pyarrow import ArrowException

    try:
        return pd.read_parquet(file)
    except (ArrowException, ValueError) as error:
        raise UserError(f"{file}: is not a Parquet file, or damaged ({on_one_line(error)})") from None


def _read_npz(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if not zipfile.is_zipfile(file):
            raise ValueError("no archive of arrays")
        with np.load(file, allow_pickle=False) as archive:  # unpickling arrays of objects would run code
            arrays = {name: archive[name] for name in archive.files}
        if others := [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]:
            raise ValueError(f"{others[0]} is no array")
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError, RuntimeError) as error:
        raise UserError(f"{file}: is not an .npz file of plain arrays, or damaged ({on_one_line(error)})") from None
    columns: list[tuple[str, NDArray[Any]]] = []
    for name, array in arrays.items():
        if array.ndim not in (1, 2):
            raise UserError(f"{file}: array {name} has {array.ndim} dimensions; must have 1 or 2, rows first")
        several = array.ndim == 2
        columns += [(f"{name}{number}", each) for number, each in enumerate(array.T)] if several else [(name, array)]
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UserError(f"{file}: its arrays differ in their number of rows: {found}")
    names, values = [name for name, _ in columns], dict(enumerate(column for _, column in columns))
    return pd.DataFrame(values).set_axis(names, axis=1)


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": _read_csv, ".parquet": _read_parquet, ".npz": _read_npz}


def _checked(frame: pd.DataFrame, file: Path | str) -> pd.DataFrame:
    frame = frame.set_axis(list(map(column_name, frame.columns)), axis=1).reset_index(drop=True)
    if unnamed := [number for number, name in enumerate(frame.columns, start=1) if not name]:
        log.warning("%s: column %s has no name and is left out", file, unnamed[0])
        frame = frame.loc[:, frame.columns != ""]
    if frame.empty:
        kind = "rows" if len(frame.columns) else "columns"
        raise UserError(f"{file}: has no {kind}; must have rows, and columns with names")
    if repeated := sorted(set(frame.columns[frame.columns.duplicated()])):
        raise UserError(f"{file}: column {repeated[0]} appears more than once; names must differ")
    return frame
