"""Tables of text: their encoding, separators, comments and names of columns, also compressed."""

from __future__ import annotations

import codecs
import csv
import io
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.tasks.tables.compression import check_compression, open_bytes

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": r"\s+"}
"""By name, as pandas takes them."""

DECIMALS = {"point": ".", "comma": ","}

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The first bytes of a file, and the encoding that they show."""

COMMENTS = ("#", "sep=")
"""Starts of lines above the names of columns; Excel writes the second one."""

HEAD = 2**24
"""Characters in which the names of columns must be."""

GUESSED_FROM = 20
"""Lines."""


@dataclass(frozen=True)
class TextFormat:
    """How a table is written as text.

    Attributes:
        separator: one of ``SEPARATORS``, or ``auto``.
        decimal: one of ``DECIMALS``.
        encoding: one that Python knows.
    """

    separator: str
    decimal: str
    encoding: str


@dataclass(frozen=True)
class _Header:
    """The names of columns, the lines to skip, and whether the last of these contains the names."""

    names: list[str]
    separator: str
    skipped: int
    is_comment: bool


def read_text(file: Path, form: TextFormat) -> pd.DataFrame:
    """Read a table of text, with the names of columns as they are written.

    Raises:
        UserError: if the encoding is unknown or another one; if it is not a table, its first line is one of numbers,
            or the compressed file is damaged, or too large when it is expanded.
    """
    import pandas as pd
    from pandas.api.types import is_numeric_dtype

    codec = _codec(form.encoding)
    check_compression(file)
    try:
        with _opened(file, codec) as text:
            header = _header_of(text.read(HEAD), form, file)
        with _opened(file, codec) as text, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # unnamed values would be dropped
            frame = pd.read_csv(
                _without_lines(text, header.skipped),
                sep=SEPARATORS[header.separator],
                decimal=DECIMALS[form.decimal],
                header=None if header.is_comment else 0,
                skipinitialspace=True,
                index_col=False,
                low_memory=False,
            )
    except UnicodeError:
        raise UserError(_undecodable(file, form.encoding)) from None
    except pd.errors.ParserWarning:
        raise UserError(f"{file}: its rows have more values than the first line has names") from None
    except ValueError as error:
        problem = on_one_line(error).removeprefix("Error tokenizing data. C error: ")
        raise UserError(f"{file}: is not a CSV file ({problem})") from None
    for number, kind in enumerate(frame.dtypes):
        if not is_numeric_dtype(kind):  # blanks after a value would make it another one
            frame.isetitem(number, frame.iloc[:, number].map(_stripped))
    frame = frame.set_axis(header.names, axis=1)  # as written: pandas renames duplicates
    if form.decimal == "comma":
        _check_points(frame, file)
    return frame


def _stripped(value: object) -> object:
    return value.strip() or None if isinstance(value, str) else value


def _codec(encoding: str) -> str:
    try:
        "".encode(encoding)  # only encodings of text do that
        codec = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        known = "an encoding that Python knows, such as utf-8, utf-16 or latin-1"
        raise UserError(f"task.encoding={encoding}: must be {known}") from None
    return "utf-8-sig" if codec == "utf-8" else codec


def _opened(file: Path, codec: str) -> TextIO:
    return io.TextIOWrapper(open_bytes(file), encoding=codec, newline="")


def _header_of(head: str, form: TextFormat, file: Path) -> _Header:
    import pandas as pd

    lines = list(io.StringIO(head.removeprefix("\ufeff"), newline=""))
    comments = list(takewhile(lambda line: not line.strip() or line.lstrip(" ").startswith(COMMENTS), lines))
    while comments and not comments[-1].strip():
        comments.pop()
    below = lines[len(comments) :]
    if comments and not "".join(below).strip():
        raise UserError(f"{file}: has only lines that start with #, which are comments; must have names of columns")
    if "\0" in "".join(below[:1]):
        raise UserError(f"{file}: contains zero bytes; must be text (UTF-16 without a mark is task.encoding=utf-16-le)")
    sample = [line for line in islice(below, GUESSED_FROM) if line.strip()]
    separator = _guessed(sample) if form.separator == "auto" else form.separator
    read = partial(pd.read_csv, sep=SEPARATORS[separator], header=None, nrows=1, dtype=str, na_filter=False)
    names = read(io.StringIO("".join(below)), skipinitialspace=True).iloc[0].tolist()
    if len(names) == 1 and form.separator != "auto":
        raise UserError(f"{file}: has one column, named {names[0]!r}; task.separator={separator} divides nothing")
    above = _cells(comments[-1].strip().lstrip("# "), separator) if comments and any(map(_is_number, names)) else []
    is_comment = len(above) == len(names) > 1  # as numpy.savetxt writes names
    if form.separator == "auto" and separator not in ("comma", "tab" if ".tsv" in file.suffixes else ""):
        log.info("%s: taken for task.separator=%s", file, separator)
    if skipped := sum(1 for line in comments if line.strip()) - is_comment:
        log.info("%s: lines above the names of columns, which are skipped: %s", file, skipped)
    names = above if is_comment else names
    _check_names(names, file)
    return _Header(names, separator, len(comments), is_comment)


def _guessed(lines: Sequence[str]) -> str:
    """Guess the separator: any that divides all lines evenly, else one that divides the first, comma before others."""
    widths = {name: [len(_cells(line, name)) for line in lines] for name in SEPARATORS}
    dividing = [name for name, (first, *_) in widths.items() if first > 1] if lines else []
    # Numbers with decimal commas may be divided evenly by commas too.
    even = [name for name in dividing if name != "space" and len(set(widths[name])) == 1]
    return next(iter([name for name in even if name != "comma"] or dividing), "comma")


def _cells(line: str, separator: str) -> list[str]:
    try:
        cells = line.split() if separator == "space" else next(csv.reader([line], delimiter=SEPARATORS[separator]), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return []
    return [cell.strip() for cell in cells]


def _check_names(names: Sequence[str], file: Path) -> None:
    """Raise a UserError if the first line consists of numbers that are no names; warn if they may be either."""
    if not all(map(_is_number, names)):
        return
    shown = ", ".join(names[:3]) + ", …" * (len(names) > 3)
    if len(set(names)) < len(names) or not all(map(str.isdecimal, names)):
        raise UserError(f"{file}: its first line is all numbers ({shown}); must be the names of columns")
    if len(names) < 3 or names != [str(number) for number in range(len(names))]:
        log.warning("%s: its first line is all numbers (%s), which are taken for names of columns", file, shown)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _without_lines(text: TextIO, number: int) -> TextIO:
    """Leave out the first lines, keeping the numbers of the others in messages of pandas."""
    if not number:
        return text
    for _ in range(number):
        text.readline()
    return io.StringIO("\n" * number + text.read())


def _check_points(frame: pd.DataFrame, file: Path) -> None:
    """Raise a UserError at a number with a point where decimals have commas; it may separate thousands."""
    import pandas as pd

    for name, column in frame.select_dtypes(("object", "str")).items():
        values = column.dropna()
        if len(values) and pd.to_numeric(values, errors="coerce").notna().all():
            raise UserError(
                f"{file}: column {name} contains {values.iloc[0]!r} in data row {values.index[0] + 1}; must be numbers "
                "without points where task.decimal=comma"
            )


def _undecodable(file: Path, encoding: str) -> str:
    with open_bytes(file) as lines:
        start = lines.read(1000)
    if codecs.lookup(encoding).name != "utf-8":
        return f"{file}: is not text in task.encoding={encoding}"
    advice = next((f"task.encoding={name}" for mark, name in MARKS.items() if start.startswith(mark)), "")
    if not advice and b"\0" not in start:
        advice = "Western European text is often task.encoding=latin-1"
    return f"{file}: is not UTF-8 text (line {_undecodable_line(file)})" + f"; {advice}" * bool(advice)


def _undecodable_line(file: Path) -> int:
    with open_bytes(file) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 0
