import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from table_files import read_table, refusal

TOO_LARGE = "expands to more than 2 GB, which is the most that can be read"
DAMAGED = "t.npz: is not an .npz file of plain arrays, or damaged"


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


def zipped(header: str, data: bytes = bytes(16), version: bytes = b"\1\0") -> None:
    """Write an array with this header."""
    length = len(header).to_bytes(2 if version == b"\1\0" else 4, "little")
    with zipfile.ZipFile("t.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("y.npy", b"\x93NUMPY" + version + length + header.encode() + data)


HEADER = "{'descr': %s, 'fortran_order': False, 'shape': %s, }"


def test_a_header_of_the_second_version():
    zipped(HEADER % ("'<i8'", "(2,)"), version=b"\2\0")
    assert read_table("t.npz").to_dict("list") == {"y": [0, 0]}


@pytest.mark.parametrize(
    "header", ["(" * 9000, "[{" * 4000, "-" * 9000, "9" * 5000, "[]", "", "__import__('os').mkdir('x')"]
)
def test_a_header_that_is_none(header):
    zipped(header)
    assert refusal("t.npz") == f"{DAMAGED} (array y has no readable header)"
    assert os.listdir() == ["t.npz"]


@pytest.mark.parametrize(
    ("dtype", "shape", "message"),
    [
        ("'<f8'", f"({'9' * 23},)", f"t.npz: {TOO_LARGE}"),
        ("'<f8'", "(250000001,)", f"t.npz: {TOO_LARGE}"),
        ("'<f8'", "(0, 1000000000000)", f"t.npz: {TOO_LARGE}"),  # without a byte
        ("'<U0'", "(1000000000000,)", f"t.npz: {TOO_LARGE}"),
        ("'|S2000000001'", "(1,)", f"t.npz: {TOO_LARGE}"),
        ("'|u1'", "(1, 100001)", "t.npz: has 100,001 columns; at most 100,000 can be read"),
        ("[('a', '<f8')]", "(2,)", "t.npz: array y has elements of several fields; must be numbers or text"),
        ("'|V8'", "(2,)", "t.npz: array y has elements of several fields; must be numbers or text"),
        ("'<f8'", "(3,)", f"{DAMAGED} (EOF: reading array data, expected 24 bytes got 16)"),
        ("'<f8'", "(-3,)", f"{DAMAGED} (negative dimensions are not allowed)"),
    ],
)
def test_a_header_that_claims_too_much(dtype, shape, message):
    zipped(HEADER % (dtype, shape))
    assert refusal("t.npz") == message


@pytest.mark.parametrize(("size", "message"), [(2_000_000_001, f"t.npz: {TOO_LARGE}"), (200, f"{DAMAGED} (")])
def test_an_archive_is_not_expanded_beyond_what_it_states(size, message):
    zipped(HEADER % ("'<f8'", "(1000,)"), bytes(8000))
    content = Path("t.npz").read_bytes()
    entry = content.rindex(b"PK\x01\x02")
    Path("t.npz").write_bytes(content[: entry + 24] + size.to_bytes(4, "little") + content[entry + 28 :])
    assert refusal("t.npz").startswith(message)
