import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_files import ALLOWED, read_table, refusal, written

from neural_sculpting import errors
from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import files

FRAME = pd.DataFrame({"a": [0, 1, 2], "b": [0.5, 1.5, -2.0], "c": ["x", "y", "x"]})


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
        *((path, ALLOWED) for path in ("t.xlsx", "t.parquet.gz", "t.gz", "t", "csv", ".")),
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

    monkeypatch.setattr(files, "read_npz", fails)
    assert refusal(written("x", "t.npz")) == f"t.npz: {message}"


def test_names_must_differ():
    message = "column a appears more than once; names must differ"
    assert refusal(written("a,b,a\n1,2,3\n")) == f"t.csv: {message}"
    np.savez("t.npz", a=np.zeros((2, 11)), a1=np.zeros((2, 1)))
    assert refusal("t.npz") == f"t.npz: {message.replace('a ', 'a10 ', 1)}"
    pq.write_table(pa.table([[1], [2], [3]], names=["a", "b", " a"]), "t.parquet")
    assert refusal("t.parquet") == f"t.parquet: {message}"
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), "t.parquet")
    assert refusal("t.parquet") == f"t.parquet: {message}"


def test_columns_without_a_name_are_left_out(caplog):
    FRAME.to_csv("t.csv")
    assert list(read_table("t.csv")) == ["a", "b", "c"]
    assert caplog.messages == ["t.csv: column 1 has no name and is left out"]


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (pd.Index(["u", "v", "w"], name="c"), ["u", "v", "w"]),
        (pd.RangeIndex(3, 9, 2, name="c"), [3, 5, 7]),  # stored without its numbers
        (pd.RangeIndex(3), None),
        (pd.Index([3, 1, 2]), None),
    ],
)
def test_the_index_of_pandas_is_a_column_if_it_has_a_name(index, found, caplog):
    FRAME[["a", "b"]].set_axis([0, 1], axis=1).set_axis(index).to_parquet("t.parquet")
    expected = {"0": [0, 1, 2], "1": [0.5, 1.5, -2.0], **({"c": found} if found else {})}
    assert read_table("t.parquet").to_dict("list") == expected
    left_out = not found and not isinstance(index, pd.RangeIndex)
    assert caplog.messages == ["t.parquet: the index of pandas has no name and is left out"] * left_out


RANGE = '{"index_columns": [{"name": "i", "start": 0, "stop": %s, "step": 1}]}'


@pytest.mark.parametrize(
    "notes", ["{broken", "[]", "3", b"\xff\xfe", '{"index_columns": [{}]}', RANGE % 3, RANGE % '"x"']
)
def test_what_pandas_notes_in_a_parquet_file_may_be_damaged(notes):
    pq.write_table(pa.table({"a": [0, 1]}).replace_schema_metadata({"pandas": notes}), "t.parquet")
    assert read_table("t.parquet").to_dict("list") == {"a": [0, 1]}


def test_large_integers_of_a_parquet_file_beside_missing_values():
    pq.write_table(pa.table({"a": [2**62 + 1, None]}), "t.parquet")
    assert read_table("t.parquet")["a"].tolist() == [2**62 + 1, None]


def test_a_parquet_file_is_not_expanded_beyond_2_gb(monkeypatch):
    """A million equal numbers take 7 kB; a byte for each is the least that they take in memory."""
    zeros = pa.array(np.zeros(1_000_000, dtype=np.int8))
    monkeypatch.setattr(errors, "LARGEST_FILE", 2_000_000)
    for width, refused in ((2, False), (3, True)):
        pq.write_table(pa.table([zeros] * width, names=list("abc"[:width])), "t.parquet")
        if refused:
            assert "expands to more than" in refusal("t.parquet")
        else:
            assert len(read_table("t.parquet")) == 1_000_000


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
