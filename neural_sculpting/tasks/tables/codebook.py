"""How columns of a table become inputs and outputs of networks: fitted to training rows once, applied to any rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.tasks.tables.frames import as_frame, column_name
from neural_sculpting.tasks.tables.values import TRUTHS, category_name, check_finite, found_at, is_text, plain_column

if TYPE_CHECKING:
    import pandas as pd

Value = bool | int | float | str
Float = TypeVar("Float", bound=np.floating)

SHOWN = 12
"""The most values of a column that an error message lists."""

LARGEST = 4 * 10**9
"""Bytes of all inputs as numbers. More does not fit beside the networks."""


@dataclass(frozen=True, kw_only=True)
class ColumnCode:
    """How a column became units: its numbers are standardized, or its values are looked up.

    Attributes:
        name: of the column.
        units: their names: that of the column, or ``column=value`` where the unit is 1 if the column has this value.
        mean: what is subtracted from numbers.
        std: what the difference is divided by; 0 if the numbers did not vary, and the unit is always 0.
        codes: each value that is looked up, with the index of the unit that it makes 1, or None if all stay 0; empty
            for numbers.
        fill: what replaces missing values; None if there may be none.
        indicator: the name of a bit after the units that is 1 where the value is missing; empty if there is none.
    """

    name: str
    units: tuple[str, ...]
    mean: float = 0.0
    std: float = 1.0
    codes: tuple[tuple[Value, int | None], ...] = ()
    fill: Value | None = None
    indicator: str = ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of its units of which at most one is 1, and 1 for the indicator."""
        return (len(self.units), 1) if self.indicator else (len(self.units),)

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The names of all its units, the indicator included."""
        return (*self.units, self.indicator) if self.indicator else self.units

    @property
    def other_name(self) -> str:
        """What the negation of the unit of a two-valued column says, such as ``sex=female`` for ``sex=male``.

        Empty for other columns, and for those whose values are 0 and 1, −1 and 1, or false and true.
        """
        others = [value for value, unit in self.codes if unit is None]
        is_named = len(self.codes) == 2 and self.units != (self.name,)
        return f"{self.name}={category_name(others[0])}" if is_named and len(others) == 1 == len(self.units) else ""

    def encode(self, column: pd.Series, path: str) -> NDArray[np.float32]:
        """Return the units of any rows of the column, ``(row, unit)``.

        Raises:
            UserError: at a value that is missing, unknown or not a number.
        """
        missing = column.isna().to_numpy()
        if missing.any() and self.fill is None:
            hint = "; must have none (task.missing=impute learns what to fill in)"
            raise UserError(f"{path}: values are missing in column {self.name}{hint}")
        units = self._looked_up(column, path) if self.codes else self._standardized(column, missing, path)
        return np.hstack([units, missing[:, None].astype(np.float32)]) if self.indicator else units

    def decode(self, units: NDArray[np.floating]) -> NDArray[Any]:
        """Return the values ``(row,)`` for which the units ``(row, unit)`` stand: logits, or standardized numbers."""
        if not self.codes:
            return np.asarray(units[:, 0] * self.std + self.mean)
        values = {unit: value for value, unit in self.codes}
        if len(self.units) == 1:
            classes, chosen = np.array([values[None], values[0]]), (units[:, 0] > 0).astype(int)
        else:
            classes, chosen = np.array([values[unit] for unit in range(len(self.units))]), units.argmax(axis=1)
        return np.take(classes, chosen)

    def to_json(self) -> dict[str, Any]:
        """Return its attributes for JSON, without those that do not apply."""
        kept = ("name", "units", "codes") if self.codes else ("name", "units", "mean", "std")
        missing = ("fill", "indicator") if self.indicator else ("fill",) if self.fill is not None else ()
        return {key: value for key, value in asdict(self).items() if key in (*kept, *missing)}

    def _standardized(self, column: pd.Series, missing: NDArray[np.bool_], path: str) -> NDArray[np.float32]:
        present = plain_column(column[~missing], path)
        if is_text(present) and len(present):
            raise UserError(f"{path}: column {self.name} contains {found_at(present, 0)}; must be numbers")
        check_finite(present, path)
        numbers = np.full(len(column), self.mean if self.fill is None else self.fill, dtype=np.float64)
        numbers[~missing] = present
        if not self.std:
            return np.zeros((len(column), 1), dtype=np.float32)
        # StandardScaler rounds differently where the mean is far larger than the spread, and ignores a spread that it
        # takes for rounding errors: the results of stored seeds would change.
        with np.errstate(all="ignore"):
            values: NDArray[np.float32] = ((numbers - self.mean) / self.std).astype(np.float32)
        if not np.isfinite(values).all():
            raise too_far_apart(self.name, numbers, path)
        return values[:, None]

    def _looked_up(self, column: pd.Series, path: str) -> NDArray[np.float32]:
        import pandas as pd

        exact = {category_name(value): unit for value, unit in self.codes}
        times = Counter(_as_number(value) for value, _ in self.codes)
        equal = {_as_number(value): unit for value, unit in self.codes if times[_as_number(value)] == 1}
        filled = column if self.fill is None else column.astype(object).where(column.notna(), self.fill)
        try:
            rows, distinct = pd.factorize(filled)
        except TypeError as error:  # lists, for example
            raise UserError(f"{path}: column {self.name} contains neither numbers nor text") from error
        table = np.zeros((len(distinct), len(self.units)), dtype=np.float32)
        for row, value in enumerate(distinct):
            text, number = category_name(value), _as_number(value)
            if text not in exact and (number is None or number not in equal):
                found = found_at(filled, int((rows == row).argmax()))
                known = ", ".join(category_name(each) for each, _ in self.codes[:SHOWN])
                more = f" or {len(self.codes) - SHOWN} others" if len(self.codes) > SHOWN else ""
                raise UserError(f"{path}: column {self.name} contains {found}; must be one of {known}{more}")
            unit = exact[text] if text in exact else equal[number]
            if unit is not None:
                table[row, unit] = 1
        units: NDArray[np.float32] = table[rows]
        return units


@dataclass(frozen=True, eq=False)
class Encoded:
    """Columns as numbers.

    Attributes:
        values: shape (rows, units).
        columns: how they became the units, in order.
    """

    values: NDArray[np.float32]
    columns: tuple[ColumnCode, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """One for each unit."""
        return tuple(name for column in self.columns for name in column.unit_names)

    @property
    def one_hot(self) -> tuple[int, ...]:
        """The sizes of groups of units of which at most one is 1; empty if no column has several."""
        sizes = tuple(size for column in self.columns for size in column.sizes)
        return sizes if any(size > 1 for size in sizes) else ()


def encode(frame: pd.DataFrame, columns: Sequence[ColumnCode], path: str) -> Encoded:
    """Encode the columns of a frame; it may have others, too.

    Raises:
        UserError: at a value that a column cannot have, or if the table is too large to learn from.
    """
    width = sum(len(column.unit_names) for column in columns)
    check_size(len(frame), width, path)
    values = np.empty((len(frame), width), dtype=np.float32)
    for column, units in by_column(values, columns):
        units[:] = column.encode(frame[column.name], path)
    return Encoded(values, tuple(columns))


def by_column(values: NDArray[Float], columns: Sequence[ColumnCode]) -> Iterator[tuple[ColumnCode, NDArray[Float]]]:
    """Divide values ``(row, unit)`` into views of the units of each column."""
    ends = np.cumsum([0, *(len(column.unit_names) for column in columns)]).tolist()
    for column, (start, stop) in zip(columns, pairwise(ends), strict=True):
        yield column, values[:, start:stop]


def encode_rows(values: Any, columns: Sequence[ColumnCode]) -> tuple[NDArray[np.float32], pd.Index]:
    """Encode a table with all input columns by name, or in their order where they have no names.

    Raises:
        UserError: if a column is missing, or contains a value that it cannot have.
    """
    import pandas as pd

    names = [column.name for column in columns]
    if isinstance(values, pd.Series) and {*names} <= {*map(str, values.index)}:
        values = values.to_frame().T  # one row, as iloc returns it
    table = as_frame(values, "X")
    numbered = list(table.columns) == [f"x{number}" for number in range(table.shape[1])]
    if numbered and not hasattr(values, "columns") and not isinstance(values, Mapping):
        if table.shape[1] != len(names):
            raise UserError(f"X: has {table.shape[1]} columns; must have {len(names)}: {', '.join(names)}")
        table = table.set_axis(names, axis=1)
    table = table.set_axis(list(map(column_name, table.columns)), axis=1)
    for name in names:
        if list(table.columns).count(name) > 1:
            raise UserError(f"X: column {name} appears more than once; names must differ")
        if name not in table:
            meant = did_you_mean(closest(name, table.columns))
            raise UserError(f"X: no column {name}{meant}; must have {', '.join(names)}")
    return encode(table[names].reset_index(drop=True), columns, "X").values, table.index


def check_size(rows: int, units: int, path: str) -> None:
    """Raise a UserError if a table is too large to learn from."""
    size = rows * units * np.dtype(np.float32).itemsize
    if size > LARGEST:
        raise UserError(
            f"{path}: {rows:,} rows of {units:,} inputs take {size / 1e9:.1f} GB as numbers; at most "
            f"{LARGEST / 1e9:.0f} GB can be learned from"
        )


def too_far_apart(name: str, numbers: NDArray[np.float64], path: str) -> UserError:
    """Describe numbers of a column that single precision cannot standardize."""
    found = f"numbers from {numbers.min():g} to {numbers.max():g}"
    return UserError(f"{path}: column {name} contains {found}; these are too far apart")


def _as_number(value: Any) -> float | None:
    """Return the number that a value is or spells, 1 for true; None where it is none."""
    try:
        return float(TRUTHS.get(value, value))
    except (TypeError, ValueError, OverflowError):
        return None
