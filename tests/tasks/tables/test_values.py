import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from user_errors import message_of

from neural_sculpting.tasks.tables.values import is_bits, is_text, plain


def plain_column(values, dtype=None, index=None) -> pd.Series:
    column = pd.Series(values, dtype=dtype, name="c", index=index)
    return plain(column.to_frame(), "t.csv")["c"]


@pytest.mark.parametrize(
    ("values", "dtype", "expected", "plain_dtype"),
    [
        ([0, 1], "int8", [0, 1], "int64"),
        ([0, 2**64 - 1], "uint64", [0, 2**64 - 1], "uint64"),
        ([0.5, 1], "float16", [0.5, 1.0], "float64"),
        ([0.5, 1], ">f4", [0.5, 1.0], "float64"),
        ([1, 2], "Int64", [1, 2], "int64"),
        ([True, False], "boolean", [True, False], "bool"),
        ([True, False], object, [True, False], "bool"),
        ([1, 2.5], object, [1.0, 2.5], "float64"),
        ([1, 2], object, [1, 2], "int64"),
        ([10**24, 1], object, [1e24, 1.0], "float64"),
        ([10**400, -(10**400)], object, [np.inf, -np.inf], "float64"),
        ([Decimal("1.5"), Decimal(2)], object, [1.5, 2.0], "float64"),
        ([3, 4, 3], "category", [3, 4, 3], "int64"),
        (["u", "v", "u"], "category", ["u", "v", "u"], "object"),
        (["u", "v"], "string", ["u", "v"], "object"),
        (["u", "v"], object, ["u", "v"], "object"),
        (["1", "2"], object, [1, 2], "int64"),
        (["1", "2.5"], "string", [1.0, 2.5], "float64"),
        (["True", "false", "TRUE"], object, [True, False, True], "bool"),
        (["yes", "no"], object, ["yes", "no"], "object"),
        (["1", "2", "more", "less"], object, ["1", "2", "more", "less"], "object"),
        ([1, "u", "v"], object, ["1", "u", "v"], "object"),
    ],
)
def test_columns_of_any_kind(values, dtype, expected, plain_dtype):
    index = range(3, 3 + len(values))
    column = plain_column(values, dtype, index)
    assert (column.tolist(), column.dtype, column.name) == (expected, np.dtype(plain_dtype), "c")
    assert column.index.tolist() == list(index)
    assert is_text(column) == (plain_dtype == "object")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([pd.Timestamp("2024-01-31")] * 2, "2024-01-31 00:00:00 in data row 1, of the type Timestamp"),
        ([1, datetime.date(2024, 1, 31)], "2024-01-31 in data row 2, of the type date"),
        (["u", b"v"], "b'v' in data row 2, of the type bytes"),
        ([{"u": 1}] * 2, "{'u': 1} in data row 1, of the type dict"),
        ([["long"] * 20] * 2, f"{str(['long'] * 20)[:39]}… in data row 1, of the type list"),
    ],
)
def test_values_that_are_neither_numbers_nor_text(values, message):
    expected = f"t.csv: column c contains {message}; must be numbers, text, or true and false"
    assert message_of(plain_column, values) == expected


def test_a_word_among_numbers_is_reported_with_its_row_in_the_file():
    rows = [0, 2, 7, 9]  # those in between were left out
    assert message_of(plain_column, ["1", "2.5", "?", "4"], index=rows) == (
        "t.csv: column c contains '?' in data row 8, and numbers in most rows; must be numbers in all (an empty cell "
        "is a missing value), or text in most"
    )


def test_bits_are_only_0_and_1():
    assert all(is_bits(plain_column(values)) for values in ([0, 1], [0.0, 1.0], [True, True]))
    assert not any(is_bits(plain_column(values)) for values in ([1, 2], [0, 0.5], ["a", "b"]))


PLAIN = "must be plain numbers, such as 1234"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1,5", "12,25"], "'1,5' in data row 1, with a decimal comma; task.decimal=comma reads it"),
        (["1,234", "5,25"], "'1,234' in data row 1, with a decimal comma; task.decimal=comma reads it"),
        (["5", "7", "0,5"], "'0,5' in data row 3, with a decimal comma; task.decimal=comma reads it"),
        (["1,234", "12,345.5"], f"'1,234' in data row 1, with thousands separators; {PLAIN}"),
        (["100", "1,234,567", "20"], f"'1,234,567' in data row 2, with thousands separators; {PLAIN}"),
        (["1.234.567,5", "1"], f"'1.234.567,5' in data row 1, with thousands separators; {PLAIN}"),
        (["1 234", "1"], f"'1 234' in data row 1, with thousands separators; {PLAIN}"),
        (["1\u202f234", "1\u202f235"], f"'1\\u202f234' in data row 1, with thousands separators; {PLAIN}"),
        (["1'234", "1"], f'"1\'234" in data row 1, with thousands separators; {PLAIN}'),
        (["15%", "2.5 %"], f"'15%' in data row 1, with a percent sign; {PLAIN}"),
        (["1", "$1,250.50"], f"'$1,250.50' in data row 2, with a currency sign; {PLAIN}"),
        (["15 €", "3 €"], f"'15 €' in data row 1, with a currency sign; {PLAIN}"),
        (["−5", "4"], f"'−5' in data row 1, with a dash as its minus sign; {PLAIN}"),
        (["15%", "3%", "?"], f"'15%' in data row 1, with a percent sign; {PLAIN}"),
    ],
)
def test_what_prevents_reading_numbers_is_reported(values, message):
    assert message_of(plain_column, values) == f"t.csv: column c contains {message}"


@pytest.mark.parametrize(
    "values",
    [["18-24", "25-30"], ["1.2.3", "1.2.4"], ["31.01.2024", "01.02.2024"], ["<5%", "low", "high"], ["1,2", "a", "b"]],
)
def test_words_with_digits_are_text(values):
    assert plain_column(values).tolist() == values
