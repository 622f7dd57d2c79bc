import bz2
import gzip
import logging
import lzma
import zipfile

import pyarrow as pa
import pytest
from table_files import read_table, refusal, written

from neural_sculpting import errors

MORE_VALUES = "its rows have more values than the first line has names"
FIRST_LINE = "its first line is all numbers ({}); must be the names of columns"
TEXT = "a,b\n0,é\n1,x\n"
COLUMNS = {"a": [0, 1], "b": ["é", "x"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2,3\n1,2,3\n", MORE_VALUES),
        ("a,b\nx,1,2\n", MORE_VALUES),
        ("a,b\n1,2\n1,2,3\n", "is not a CSV file (Expected 2 fields in line 3, saw 3)"),
        ('a,b\n1,"2\n', "is not a CSV file (EOF inside string starting at row 1)"),
        ("\n\n", "is not a CSV file (No columns to parse from file)"),
        ("a,b\n", "has no rows; must have rows, and columns with names"),
        (",\n1,2\n", "has no columns; must have rows, and columns with names"),
        ('# a 5" screen\n\na,b\n1,2\n1,2,3\n', "is not a CSV file (Expected 2 fields in line 5, saw 3)"),
        ("# a\n# b\n", "has only lines that start with #, which are comments; must have names of columns"),
        ("0,0,1\n0,1,1\n", FIRST_LINE.format("0, 0, 1")),
        ("5.1,3.5,1.4,0\n4.9,3.0,1.4,1\n", FIRST_LINE.format("5.1, 3.5, 1.4, …")),
        ("-1;1\n1;-1\n", FIRST_LINE.format("-1, 1")),
        ("5,1;3,5\n4,9;3,0\n", FIRST_LINE.format("5,1, 3,5")),
    ],
)
def test_text_that_is_not_a_table(content, message):
    assert refusal(written(content)) == f"t.csv: {message}"


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b'\xef\xbb\xbf"a",b\n1,2\n', {"a": [1], "b": [2]}),  # a byte order mark
        ('a , b,"a\nname"\n1, x,2\n', {"a": [1], "b": ["x"], "a name": [2]}),  # blanks and breaks
        ('a , b\nyes , 1 \nyes, 2 \n" ",3\n', {"a": ["yes", "yes", None], "b": [1, 2, 3]}),
        ("a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),  # a comma at the end of rows
        ("a,b\n1,2\n3\n", {"a": [1, 3], "b": [2, None]}),  # a row with fewer values
        ("a,b\n,1\nNA,1\nNaN,1\nnull,1\n", {"a": [None] * 4, "b": [1] * 4}),
        ("0,1,2\n3,4,5\n", {"0": [3], "1": [4], "2": [5]}),  # as pandas writes columns without names
        ('# a 5" screen\n\n # b\na,b\n#1,2\n', {"a": ["#1"], "b": [2]}),  # comments, and data
        ("\ufeff# c\na,b\n1,2\n", {"a": [1], "b": [2]}),
        ("sep=;\r\na;b\r\n1;2\r\n", {"a": [1], "b": [2]}),  # as Excel does
        ("# by me\n# a b\n1 2\n", {"a": [1], "b": [2]}),  # as numpy.savetxt writes names
        ("#a,b\nu,2\n", {"a": ["u"], "b": [2]}),
        ("# a, or b\nyear,b\n1,2\n", {"year": [1], "b": [2]}),
    ],
)
def test_text_that_is_a_table(content, columns):
    frame = read_table(written(content))
    assert frame.astype(object).where(frame.notna(), None).to_dict("list") == columns


@pytest.mark.slow
def test_large_files_have_one_type_per_column():
    rows = "1\n" * 300_000 + "word\n"
    assert set(map(type, read_table(written(f"a\n{rows}"))["a"])) == {str}


def test_comments_that_are_skipped_are_counted(caplog):
    caplog.set_level(logging.INFO)
    read_table(written("# a\n\n# b\na,b\n1,2\n"))
    assert caplog.messages == ["t.csv: lines above the names of columns, which are skipped: 2"]


def test_names_that_are_numbers_are_reported(caplog):
    assert list(read_table(written("2001,2002\n0,1\n"))) == ["2001", "2002"]
    assert caplog.messages == [
        "t.csv: its first line is all numbers (2001, 2002), which are taken for names of columns"
    ]


@pytest.mark.parametrize(
    ("content", "columns", "separator"),
    [
        ("a;b\n1;2\n", {"a": [1], "b": [2]}, "semicolon"),
        ("a\tb\n1\t2\n", {"a": [1], "b": [2]}, "tab"),
        ("a|b\n1|2\n", {"a": [1], "b": [2]}, "pipe"),
        ("a  b\n 1 2\n", {"a": [1], "b": [2]}, "space"),
        ("a, cm;b, cm\n1,x;2,y\n", {"a, cm": ["1,x"], "b, cm": ["2,y"]}, "semicolon"),  # commas divide it evenly too
        ("a;b\n1;2;\n3;4;\n", {"a": [1, 3], "b": [2, 4]}, "semicolon"),
        ("a,b;c\n1,2\n", {"a": [1], "b;c": [2]}, None),
        ('"a;b",c\n1;5,2\n', {"a;b": ["1;5"], "c": [2]}, None),
        ("a b,c\nx y,2,\n", {"a b": ["x y"], "c": [2]}, None),
    ],
)
def test_separators_are_guessed(content, columns, separator, caplog):
    caplog.set_level(logging.INFO)
    assert read_table(written(content)).to_dict("list") == columns
    assert caplog.messages == [f"t.csv: taken for task.separator={separator}"] * bool(separator)
    assert read_table(written(content), separator=separator or "comma").to_dict("list") == columns


def test_a_separator_that_divides_nothing():
    expected = "t.csv: has one column, named 'a,b'; task.separator=tab divides nothing"
    assert refusal(written(TEXT), separator="tab") == expected


def test_tabs_are_expected_in_a_file_of_them(caplog):
    caplog.set_level(logging.INFO)
    assert read_table(written(TEXT.replace(",", "\t"), "t.tsv")).to_dict("list") == COLUMNS
    assert read_table(written(TEXT, "t.tsv")).to_dict("list") == COLUMNS
    assert caplog.messages == []


def test_decimal_commas():
    assert read_table(written("a;b\n1,5;x\n2;y\n"), decimal="comma")["a"].tolist() == [1.5, 2]
    assert read_table(written('a,b\n"1,5",x\n'), decimal="comma")["a"].tolist() == [1.5]
    expected = "t.csv: column b contains '1.500' in data row 1; must be numbers without points where task.decimal=comma"
    assert refusal(written("a;b\n1,5;1.500\n2,5;2.500\n"), decimal="comma") == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "windows-1252", "UTF8"])
def test_encodings(encoding):
    assert read_table(written(TEXT.encode(encoding)), encoding=encoding).to_dict("list") == COLUMNS


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (TEXT.encode("latin-1"), "utf-8", "is not UTF-8 text (line 2); Western European text is often {}latin-1"),
        (TEXT.encode("utf-16"), "utf-8", "is not UTF-8 text (line 1); {}utf-16"),
        (TEXT.encode("utf-32"), "utf-8", "is not UTF-8 text (line 1); {}utf-32"),
        (gzip.compress(TEXT.encode(), mtime=0), "utf-8", "is not UTF-8 text (line 1)"),
        (
            b"a,b\n1,2\n".decode().encode("utf-16-le"),
            "utf-8",
            "contains zero bytes; must be text (UTF-16 without a mark is {}utf-16-le)",
        ),
        (TEXT.encode(), "utf-16", "is not text in {}utf-16"),
        (TEXT.encode(), "ascii", "is not text in {}ascii"),
    ],
)
def test_another_encoding(content, encoding, message):
    assert refusal(written(content), encoding=encoding) == f"t.csv: {message.format('task.encoding=')}"


@pytest.mark.parametrize("encoding", ["no-such", "base64", "../x", "undefined"])
def test_encodings_that_there_are_not(encoding):
    expected = f"task.encoding={encoding}: must be an encoding that Python knows, such as utf-8, utf-16 or latin-1"
    assert refusal(written(TEXT), encoding=encoding) == expected


def _zipped(content):
    with zipfile.ZipFile("in.zip", "w") as archive:
        archive.writestr("any", content)
    with open("in.zip", "rb") as file:
        return file.read()


@pytest.mark.parametrize(
    ("ending", "compressed"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda content: pa.compress(content, "zstd", asbytes=True)),
        (".zip", _zipped),
    ],
)
def test_compressed_text(ending, compressed):
    content = compressed(TEXT.encode())
    assert read_table(written(content, f"t.csv{ending}")).to_dict("list") == COLUMNS
    assert refusal(written(compressed(TEXT.encode("latin-1")), f"t.csv{ending}")).startswith(
        f"t.csv{ending}: is not UTF-8"
    )
    for damaged in (TEXT.encode(), content[: len(content) // 2]):
        message = refusal(written(damaged, f"t.csv{ending}"))
        assert message.startswith(
            (f"t.csv{ending}: is not a table compressed as {ending}", f"t.csv{ending}: cannot be read (")
        )


def test_compressed_text_is_not_expanded_beyond_2_gb(monkeypatch):
    monkeypatch.setattr(errors, "LARGEST_FILE", 5 * 10**6)
    names, rows = gzip.compress(b"a,b\n", mtime=0), gzip.compress(b"0,1\n" * 10**6)
    assert len(read_table(written(names + rows, "t.csv.gz"))) == 10**6
    assert "expands to more than" in refusal(written(names + rows * 2, "t.csv.gz"))


def test_an_archive_of_several_files():
    with zipfile.ZipFile("t.csv.zip", "w") as archive:
        archive.writestr("a", TEXT)
        archive.writestr("b", TEXT)
    assert refusal("t.csv.zip").endswith("is not a table compressed as .zip, or damaged (2 files; must be one)")
