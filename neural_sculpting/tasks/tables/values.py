"""Columns of three kinds, whatever file they come from: truth values, numbers, or text."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.int64]
"""Indices of rows."""

DTYPES = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64"}
"""Types of plain columns by NumPy's kind of the original; all other columns contain objects."""

TRUTHS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False, "false": False}

POSITIVES = frozenset(("yes", "y", "true", "t", "positive", "pos", "+", "present", "ja", "j", "oui"))
"""Words that are 1 where a column has one of them and another word."""

NOT_PLAIN = {
    r"[^\d%]*\d[^%]*\s?%": "a percent sign",
    r"[-+]?[$€£¥]\s?[-+]?\d.*|[-+]?\d.*[$€£¥]": "a currency sign",
    r"[−–]\d.*": "a dash as its minus sign",
    r"[-+]?\d{1,3}(?P<mark>[,.'’ \u00a0\u202f])\d{3}((?P=mark)\d{3})*([.,]\d+)?": "thousands separators",
    r"[-+]?\d*,\d+": "a decimal comma",
}
"""Numbers as people write them, and what prevents reading them; where several fit as many values, the first counts."""

LONGEST = 40
"""Characters of a value that an error message shows."""


def plain(frame: pd.DataFrame, path: str) -> pd.DataFrame:
    """Convert columns without missing values to ``bool``, ``int64``, ``uint64``, ``float64``, or ``object`` for text.

    Text becomes numbers, or true and false, if all of it can be read that way, as in a CSV file. The index is the row
    in the file, counted from 0.

    Raises:
        UserError: if a column contains anything else, such as dates, or numbers and in a few rows words.
    """
    import pandas as pd

    return pd.DataFrame({name: plain_column(frame[name], path) for name in frame}, index=frame.index)


def plain_column(column: pd.Series, path: str) -> pd.Series:
    """Convert a single column as :func:`plain` does."""
    objects = column.astype(object)
    inferred = column if column.dtype.kind in DTYPES else objects.infer_objects()
    if inferred.dtype.kind in DTYPES:
        return inferred.astype(DTYPES[inferred.dtype.kind])
    if all(isinstance(value, Real | Decimal) for value in objects):
        return objects.map(_as_float).astype(np.float64)
    for row, value in enumerate(objects):
        if not isinstance(value, str | Real | Decimal):
            raise UserError(
                f"{path}: column {column.name} contains {found_at(objects, row)}, of the type {type(value).__name__}; "
                "must be numbers, text, or true and false"
            )
    return _of_text(objects.map(str), path)


def is_text(column: pd.Series) -> bool:
    """Whether a plain column contains text."""
    return bool(column.dtype.kind == "O")


def is_bits(column: pd.Series) -> bool:
    """Whether a plain column contains only 0 and 1, or false and true."""
    return not is_text(column) and bool(column.isin((0, 1)).all())


def is_two_valued(column: pd.Series) -> bool:
    """Whether a plain column has two values, of any kind; 0 and 1, or -1 and 1, need not both appear."""
    return is_bits(column) or is_signs(column) or int(column.nunique()) == 2


def true_value(column: pd.Series) -> Any:
    """Return the value of a two-valued plain column that is 1.

    It is the larger number or, in alphabetical order, the second word, as with scikit-learn's
    ``OneHotEncoder(drop="if_binary")``; but *+* or *ja* and the like come before others.
    """
    if is_bits(column) or is_signs(column):
        return 1
    values = column.unique().tolist()
    if not is_text(column):
        return max(values)
    return max(values, key=lambda word: (word.strip().casefold() in POSITIVES, word.casefold(), word))


def is_signs(column: pd.Series) -> bool:
    """Whether a plain column contains only -1 and 1."""
    return not is_text(column) and bool(column.isin((-1, 1)).all())


def check_finite(column: pd.Series, path: str) -> None:
    """Raise a UserError at the first infinite number of a plain column."""
    infinite = np.zeros(0) if is_text(column) else np.flatnonzero(~np.isfinite(column.to_numpy()))
    if infinite.size:
        found = found_at(column, int(infinite[0]))
        raise UserError(f"{path}: column {column.name} contains {found}; must be finite numbers")


def found_at(column: pd.Series, row: int) -> str:
    """Describe a value and its row in the file, counted from 1 below the names: ``'?' in data row 3``."""
    value = column.iloc[row]
    text = repr(value) if isinstance(value, str) else " ".join(str(value).split())
    return f"{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'} in data row {column.index[row] + 1}"


def category_name(value: Any) -> str:
    """Write a category: text as it is, integers without a point, other numbers with as many digits as they need."""
    is_integer = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return str(int(value) if is_integer else value)


def _of_text(texts: pd.Series, path: str) -> pd.Series:
    import pandas as pd

    if set(texts) <= set(TRUTHS):
        return texts.map(TRUTHS).astype(np.bool_)
    numbers = pd.to_numeric(texts, errors="coerce")
    others = numbers.isna().to_numpy()
    if not others.any():
        return numbers
    words = texts[others]
    fits = {cause: words.str.fullmatch(pattern).to_numpy(dtype=bool) for pattern, cause in NOT_PLAIN.items()}
    written = np.any(list(fits.values()), axis=0)
    if (~written).sum() < len(texts) / 2 and written.any():
        cause = max(fits, key=lambda each: int(fits[each].sum()))
        found = found_at(words, int(fits[cause].argmax()))
        advice = "task.decimal=comma reads it" if "comma" in cause else "must be plain numbers, such as 1234"
        raise UserError(f"{path}: column {texts.name} contains {found}, with {cause}; {advice}")
    if others.mean() < 0.5:
        found = found_at(texts, int(others.argmax()))
        raise UserError(
            f"{path}: column {texts.name} contains {found}, and numbers in most rows; must be numbers in all (an empty "
            "cell is a missing value), or text in most"
        )
    return texts.astype(object)


def _as_float(number: float | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of more than 308 digits
        return np.inf if number > 0 else -np.inf
