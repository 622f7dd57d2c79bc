import os
import pickle
import zipfile

import numpy as np
import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.tables import read_table


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def message_of(path: str) -> str:
    with pytest.raises(UserError) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_arrays_of_one_and_two_dimensions_are_columns():
    np.savez("t.npz", X=[[1, 2], [3, 4], [5, 6]], y=[7, 8, 9])
    assert read_table("t.npz").to_dict("list") == {"X0": [1, 3, 5], "X1": [2, 4, 6], "y": [7, 8, 9]}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"X": np.zeros((3, 2, 2))}, "array X has 3 dimensions; must have 1 or 2, rows first"),
        ({"y": np.float64(3)}, "array y has 0 dimensions; must have 1 or 2, rows first"),
        ({"X": np.zeros((3, 2)), "y": np.zeros(2)}, "its arrays differ in their number of rows: X 3, y 2"),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, "has no rows; must have rows, and columns with names"),
        ({"X": np.zeros((3, 0))}, "has no columns; must have rows, and columns with names"),
    ],
)
def test_arrays_that_are_no_table(arrays, said):
    np.savez("t.npz", **arrays)
    assert message_of("t.npz") == f"t.npz: {said}"


class _Trap:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def test_pickled_objects_are_refused_and_run_no_code(tmp_path):
    np.savez("t.npz", a=np.array([_Trap()], dtype=object))
    with open("p.npz", "wb") as file:
        pickle.dump(_Trap(), file)
    plain = "is not an .npz file of plain arrays, or damaged"
    assert message_of("t.npz").startswith(f"t.npz: {plain} (Object arrays cannot be loaded")
    assert message_of("p.npz") == f"p.npz: {plain} (no archive of arrays)"
    assert not (tmp_path / "sprung").exists()
    np.load("t.npz", allow_pickle=True)["a"]
    assert (tmp_path / "sprung").exists(), "the trap works"


def test_other_files_with_the_ending_npz():
    np.save("one.npy", np.zeros(3))
    os.rename("one.npy", "one.npz")
    assert message_of("one.npz").endswith("(no archive of arrays)")
    with zipfile.ZipFile("notes.npz", "w") as archive:
        archive.writestr("notes.txt", "no array")
    assert message_of("notes.npz").endswith("(notes.txt is no array)")
