"""Tables from text, Parquet and NumPy's .npz files, with errors that name the file."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neural_sculpting.errors import UserError, check_expanded_size, check_file, on_one_line, reading, without_tilde
from neural_sculpting.tasks.tables.array_files import read_npz
from neural_sculpting.tasks.tables.compression import COMPRESSED
from neural_sculpting.tasks.tables.frames import TableInMemory, column_name
from neural_sculpting.tasks.tables.text_files import TextFormat, read_text

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

ALLOWED_FILES = "a CSV (.csv, .tsv, .csv.gz), Parquet (.parquet) or NumPy file (.npz)"

TEXT_FILES = (".csv", ".tsv")

NUMBER_WITH_COMMA = r"\s*[-+]?(\d+,?|\d*,\d+)([eE][-+]?\d+)?\s*"

INDEX_WITHOUT_NAME = re.compile(r"__index_level_\d+__")
"""As pandas writes it to Parquet files."""


def read_table(path: str, form: TextFormat) -> pd.DataFrame:
    """Read a table by the extension of its file, or take one in memory.

    In text files, the first line has the names of columns; lines above it that start with ``#`` are comments. Cells
    that are empty or contain a word such as NA or NaN are missing values, and so are those that a row lacks at its end.
    The one-dimensional arrays of an ``.npz`` file are columns, and so are the columns of two-dimensional ones ``(row,
    column)``, with a number after the name of the array: ``X0``, ``X1``.

    Args:
        path: of the file.
        form: how it is written, if it is text.

    Returns:
        One row for each example, numbered from 0, with at least one column and one row. Names of columns are text
        without surrounding blanks, and unique. Columns without a name are left out with a warning, such as the row
        numbers that pandas writes beside a table. The index of a Parquet file is a column if it has a name.

    Raises:
        UserError: if the file is missing, of another kind, empty, damaged, too large, or unreadable.
    """
    if isinstance(path, TableInMemory):
        return _checked(_with_points(path.frame, form), path)
    file = without_tilde("task.path", path)
    ending = file.suffix.lower()
    is_text = (Path(file.stem).suffix.lower() if ending in COMPRESSED else ending) in TEXT_FILES
    if not is_text and ending not in (".parquet", ".npz"):
        raise UserError(f"task.path={path}: must be {ALLOWED_FILES}")
    with reading("task.path", path, file):
        check_file("task.path", path, file, ALLOWED_FILES)
        if is_text:
            return _checked(read_text(file, form), file)
        frame = read_npz(file) if ending == ".npz" else _read_parquet(file)
        return _checked(_with_points(frame, form), file)


def _read_parquet(file: Path) -> pd.DataFrame:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(file) as parquet:
            check_expanded_size(file, parquet.metadata.num_rows * parquet.metadata.num_columns)  # a byte at least
            table = parquet.read()
        # Without what pandas notes about types, which may be damaged.
        frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas(integer_object_nulls=True)
    except (ArrowException, ValueError) as error:
        raise UserError(f"{file}: is not a Parquet file, or damaged ({on_one_line(error)})") from None
    index = [name for name in frame if INDEX_WITHOUT_NAME.fullmatch(name)]
    if index:
        log.warning("%s: the index of pandas has no name and is left out", file)
    for name, numbers in _ranges_with_names(table).items():
        if name not in frame and len(numbers) == len(frame):
            frame[name] = numbers
    return frame.drop(columns=index)


def _ranges_with_names(table: Any) -> dict[str, range]:
    """Return the index of pandas if it counts evenly and has a name: of such, the file has no column."""
    try:
        notes = [each for each in table.schema.pandas_metadata["index_columns"] if isinstance(each, dict)]
        return {str(each["name"]): range(each["start"], each["stop"], each["step"]) for each in notes if each["name"]}
    except Exception:  # there are none, or they are damaged
        return {}


def _with_points(frame: pd.DataFrame, form: TextFormat) -> pd.DataFrame:
    """Write numbers as text with points where the form says that they have decimal commas; other columns stay."""
    if form.decimal == "point":
        return frame
    frame = frame.copy()
    for number in range(frame.shape[1]):
        column = frame.iloc[:, number]
        known = column.dropna()
        texts = column.dtype.kind not in "biuf" and all(isinstance(value, str) for value in known)
        if texts and known.str.fullmatch(NUMBER_WITH_COMMA).all():
            frame.isetitem(number, column.str.replace(",", ".", regex=False))
    return frame


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
