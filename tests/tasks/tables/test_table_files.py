import os
import pickle
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from user_errors import message_of

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import files
from neural_sculpting.tasks.tables.files import read_table

ALLOWED = "must be a CSV (.csv), Parquet (.parquet) or NumPy file (.npz)"
FRAME = pd.DataFrame({"a": [0, 1, 2], "b": [0.5, 1.5, -2.0], "c": ["x", "y", "x"]})


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(content: str | bytes, name: str = "t.csv") -> str:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


refusal = partial(message_of, read_table)


def test_the_same_table_from_each_kind_of_file():
    FRAME.to_csv("t.csv", index=False)
    FRAME.to_parquet("t.PARQUET")
    np.savez("t.npz", **{name: FRAME[name].to_numpy(dtype=None if name != "c" else str) for name in FRAME})
    for path in ("t.csv", "t.PARQUET", "t.npz"):
        found = read_table(path)
        assert {name: found[name].tolist() for name in found} == FRAME.to_dict("list")
        assert found.index.tolist() == [0, 1, 2]


def test_a_home_folder_may_be_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    written("a\n1\n")
    assert read_table("~/t.csv")["a"].tolist() == [1]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no/t.csv", "no such file in {folder}"),
        ("{folder}/t.npz", "no such file"),
        ("~nobody_is_called_this/t.csv", "no such home folder"),
        ("folder.csv", f"is a folder; {ALLOWED}"),
        *((path, ALLOWED) for path in ("t.xlsx", "t.csv.gz", "t", "csv", ".")),
    ],
)
def test_paths_that_are_not_tables(path, message, tmp_path):
    os.mkdir("folder.csv")
    path, message = (text.format(folder=tmp_path) for text in (path, message))
    assert refusal(path) == f"task.path={path}: {message}"


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.npz"])
def test_an_empty_file(name):
    assert refusal(written("", name)) == f"{name}: is empty; {ALLOWED}"


def test_a_file_has_at_most_2_gb():
    with open(written("a\n1\n"), "r+b") as file:
        file.truncate(2_000_000_001)  # sparse: it takes no space on the disk
    assert refusal("t.csv") == "t.csv: has 2.0 GB; at most 2 GB can be read"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission():
    os.chmod(written("a\n1\n"), 0)
    assert refusal("t.csv") == "t.csv: cannot be read (Permission denied)"


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read (Permission denied)"),
        (OSError("Couldn't\ndeserialize"), "cannot be read (Couldn't deserialize)"),
        (MemoryError(), "does not fit in memory"),
    ],
)
def test_errors_while_a_file_is_read(problem, message, monkeypatch):
    def fails(file):
        raise problem

    monkeypatch.setitem(files.READERS, ".csv", fails)
    assert refusal(written("a\n1\n")) == f"t.csv: {message}"


MORE_VALUES = "its rows have more values than the first line has names"
ONE_COLUMN = "has one column, named {!r}; columns must be separated by commas"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,é\n".encode("latin-1"), "is not UTF-8 text (line 2)"),
        ("a,b\n1,2\n".encode("utf-16"), "is not UTF-8 text (line 1)"),
        ("a;b;y\n1;0;1\n", ONE_COLUMN.format("a;b;y")),
        ("a\tb\n1\t0\n", ONE_COLUMN.format("a\tb")),
        ("a|b\n1|0\n", ONE_COLUMN.format("a|b")),
        ("a,b\n1,2,3\n1,2,3\n", MORE_VALUES),
        ("a,b\nx,1,2\n", MORE_VALUES),
        ("a,b\n1,2\n1,2,3\n", "is not a CSV file (Expected 2 fields in line 3, saw 3)"),
        ('a,b\n1,"2\n', "is not a CSV file (EOF inside string starting at row 1)"),
        ("\n\n", "is not a CSV file (No columns to parse from file)"),
        ("a,b\n", "has no rows; must have rows, and columns with names"),
        (",\n1,2\n", "has no columns; must have rows, and columns with names"),
    ],
)
def test_text_that_is_not_a_table(content, message):
    assert refusal(written(content)) == f"t.csv: {message}"


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b'\xef\xbb\xbf"a",b\n1,2\n', {"a": [1], "b": [2]}),  # a byte order mark
        ('a , b,"a\nname"\n1, x,2\n', {"a": [1], "b": ["x"], "a name": [2]}),  # blanks and breaks
        ("a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),  # a comma at the end of rows
        ("a,b\n1,2\n3\n", {"a": [1, 3], "b": [2, None]}),  # a row with fewer values
        ("a,b\n,1\nNA,1\nNaN,1\nnull,1\n", {"a": [None] * 4, "b": [1] * 4}),
    ],
)
def test_text_that_is_a_table(content, columns):
    frame = read_table(written(content))
    assert frame.astype(object).where(frame.notna(), None).to_dict("list") == columns


def test_names_must_differ():
    message = "column a appears more than once; names must differ"
    assert refusal(written("a,b,a\n1,2,3\n")) == f"t.csv: {message}"
    np.savez("t.npz", a=np.zeros((2, 11)), a1=np.zeros((2, 1)))
    assert refusal("t.npz") == f"t.npz: {message.replace('a ', 'a10 ', 1)}"
    FRAME.set_axis(["a", "b", " a"], axis=1).to_parquet("t.parquet")
    assert refusal("t.parquet") == f"t.parquet: {message}"


def test_the_index_of_pandas_is_left_out(caplog):
    FRAME.to_csv("t.csv")
    assert list(read_table("t.csv")) == ["a", "b", "c"]
    assert caplog.messages == ["t.csv: column 1 has no name and is left out"]
    FRAME.set_axis([0, 1, "c"], axis=1).set_index("c").to_parquet("t.parquet")
    assert list(read_table("t.parquet")) == ["0", "1"], "names are text"


def test_large_files_have_one_type_per_column():
    rows = "1\n" * 300_000 + "word\n"
    assert set(map(type, read_table(written(f"a\n{rows}"))["a"])) == {str}


@pytest.mark.parametrize("name", ["t.parquet", "t.npz"])
def test_truncated_files(name):
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 4)), columns=list("abcd"))
    wide.to_parquet("t.parquet")
    np.savez("t.npz", **{name: wide[name].to_numpy() for name in wide})
    whole = Path(name).read_bytes()
    kind = "a Parquet file" if name == "t.parquet" else "an .npz file of plain arrays"
    for length in (1, 3, 4, 10, len(whole) // 3, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        assert refusal(written(whole[:length], name)).startswith(f"{name}: is not {kind}, or damaged ("), length


@pytest.mark.parametrize("name", ["t.parquet", "t.npz"])
def test_damage_is_an_error_that_names_the_file_or_harmless(name):
    FRAME.drop(columns="c").to_parquet("t.parquet")
    np.savez_compressed("t.npz", a=FRAME["a"], b=FRAME["b"])
    whole = Path(name).read_bytes()
    damaged = 0
    for position in range(0, len(whole), 7):
        changed = bytes([whole[position] ^ 0xFF])
        written(whole[:position] + changed + whole[position + 1 :], f"damaged_{name}")
        try:
            read_table(f"damaged_{name}")
        except UserError as error:
            damaged += str(error).startswith(f"damaged_{name}: ")
    assert damaged > 10


def test_arrays_of_one_and_two_dimensions_are_columns():
    np.savez("t.npz", X=[[1, 2], [3, 4], [5, 6]], y=[7, 8, 9])
    assert read_table("t.npz").to_dict("list") == {"X0": [1, 3, 5], "X1": [2, 4, 6], "y": [7, 8, 9]}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": np.zeros((3, 2, 2))}, "array X has 3 dimensions; must have 1 or 2, rows first"),
        ({"y": np.float64(3)}, "array y has 0 dimensions; must have 1 or 2, rows first"),
        ({"X": np.zeros((3, 2)), "y": np.zeros(2)}, "its arrays differ in their number of rows: X 3, y 2"),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, "has no rows; must have rows, and columns with names"),
        ({"X": np.zeros((3, 0))}, "has no columns; must have rows, and columns with names"),
    ],
)
def test_arrays_that_are_not_a_table(arrays, message):
    np.savez("t.npz", **arrays)
    assert refusal("t.npz") == f"t.npz: {message}"


class _Trap:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def test_pickled_objects_are_refused_and_run_no_code(tmp_path):
    np.savez("t.npz", a=np.array([_Trap()], dtype=object))
    Path("p.npz").write_bytes(pickle.dumps(_Trap()))
    plain = "is not an .npz file of plain arrays, or damaged"
    assert refusal("t.npz").startswith(f"t.npz: {plain} (Object arrays cannot be loaded")
    assert refusal("p.npz") == f"p.npz: {plain} (no archive of arrays)"
    assert not (tmp_path / "sprung").exists()
    np.load("t.npz", allow_pickle=True)["a"]
    assert (tmp_path / "sprung").exists(), "the trap works"


def test_other_files_with_the_ending_npz():
    np.save("one.npy", np.zeros(3))
    os.rename("one.npy", "one.npz")
    assert refusal("one.npz").endswith("(no archive of arrays)")
    with zipfile.ZipFile("notes.npz", "w") as archive:
        archive.writestr("notes.txt", "no array")
    assert refusal("notes.npz").endswith("(notes.txt is no array)")
