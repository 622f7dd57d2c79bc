import gzip
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_examples import idx_bytes, write_idx
from user_errors import message_of

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.images.sources import find_idx, read_idx

NAMES = [
    "train-images-idx3-ubyte",
    "train-images.idx3-ubyte",
    "train-images-idx3-ubyte.gz",
    "train-images.idx3-ubyte.gz",
]
TWO = [[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 255]]]
TWO_BYTES = bytes.fromhex("00000803 00000002 00000002 00000003 0102030405060708090a0bff")


def problem_of(path: Path, dimensions: int = 3) -> str:
    """Return the error about a file, without its name in front."""
    name, problem = message_of(read_idx, path, dimensions).split(": ", maxsplit=1)
    assert name == str(path)
    return problem


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (TWO_BYTES, TWO),
        (bytes.fromhex("00000801 00000003 070009"), [7, 0, 9]),
        # the length has its most significant byte first
        (bytes.fromhex("00000801 00000102") + bytes(range(256)) + b"\x05\x06", [*range(256), 5, 6]),
    ],
)
def test_a_file_by_the_specification_is_read(tmp_path, content, values):
    (tmp_path / "file").write_bytes(content)
    array = read_idx(tmp_path / "file", content[3])
    assert array.dtype == np.uint8
    assert array.tolist() == values


@pytest.mark.parametrize("name", ["images.gz", "images"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_gzip_is_recognized_by_the_content(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(TWO_BYTES))
    assert read_idx(tmp_path / name, 3).tolist() == TWO


@pytest.mark.parametrize("names", [*((name,) for name in NAMES), *combinations(NAMES, 2)])
def test_every_usual_name_is_found_uncompressed_files_first(tmp_path, names):
    for name in names:
        write_idx(tmp_path / name, TWO)
    assert find_idx(tmp_path, "train-images", 3) == tmp_path / names[0]


def test_a_missing_file_is_reported_with_its_possible_names(tmp_path):
    (tmp_path / NAMES[0]).mkdir()  # a folder is not a file
    write_idx(tmp_path / "train-images-idx1-ubyte", [1])
    message = f"{tmp_path / NAMES[0]}: no such file; may also be called {', '.join(NAMES[1:])}"
    assert message_of(find_idx, tmp_path, "train-images", 3) == message


@pytest.mark.parametrize(
    ("content", "dimensions", "message"),
    [
        (b"<html>", 3, "starts with the bytes 3c 68 74 6d; an IDX file of unsigned bytes in 3 dim"),
        (idx_bytes(TWO, kind=0x0D), 3, "starts with the bytes 00 00 0d 03; an IDX file of unsigned bytes in 3 dim"),
        (idx_bytes(TWO), 1, "starts with the bytes 00 00 08 03; an IDX file of unsigned bytes in 1 dimension starts"),
        (TWO_BYTES[:3], 3, "starts with the bytes 00 00 08; an IDX"),
        (TWO_BYTES[:15], 3, "ends after 15 bytes; its header alone has 16"),
        (TWO_BYTES[:-1], 3, "has 11 values; must have the 12 that its header states (2 x 2 x 3)"),
        (TWO_BYTES[:16], 3, "has 0 values; must have the 12 that its header states (2 x 2 x 3)"),
        (TWO_BYTES + b"\0", 3, "has 13 values; must have the 12 that its header states (2 x 2 x 3)"),
        (idx_bytes(np.zeros((0, 2, 3))), 3, "has 0 x 2 x 3 values; must have at least one"),
        (b"\0\0\x08\x03" + b"\xff" * 12, 3, "has 0 values; must have the 79,228,162,458,924,105,385,300,197,375"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_files_of_another_kind_are_refused(tmp_path, content, dimensions, message, pack):
    (tmp_path / "file").write_bytes(pack(content))
    assert problem_of(tmp_path / "file", dimensions).startswith(message)


def test_damaged_gzip_is_reported(tmp_path):
    packed = gzip.compress(TWO_BYTES)
    wrong_sum = packed[:-8] + bytes(4) + packed[-4:]
    wrong_data = packed[:10] + b"\xff" * 8 + packed[18:]
    for content in (packed[:-9], packed[:2], wrong_sum, wrong_data, packed + b"more"):
        (tmp_path / "file.gz").write_bytes(content)
        message = problem_of(tmp_path / "file.gz")
        assert message.startswith("damaged gzip file (")
        assert message.endswith("); must be a whole one")


def test_unreadable_idx_files_are_reported(tmp_path):
    assert message_of(read_idx, tmp_path, 3) == f"task.source={tmp_path}: is a folder; must be an IDX file, gzip or not"
    (tmp_path / "file").touch()
    assert problem_of(tmp_path / "file") == "is empty; must be an IDX file, gzip or not"
    (tmp_path / "file").write_bytes(gzip.compress(b""))
    assert problem_of(tmp_path / "file").startswith("is empty; an IDX file of unsigned bytes in 3 dimensions starts")


@given(content=st.binary(max_size=40), flips=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 255)), max_size=4))
def test_any_content_is_read_or_reported(tmp_path_factory, content, flips):
    path = tmp_path_factory.getbasetemp() / "any"
    packed = bytearray(gzip.compress(TWO_BYTES))
    for position, value in flips:
        packed[position % len(packed)] ^= value
    for whole in (content, TWO_BYTES[:4] + content, bytes(packed)):
        path.write_bytes(whole)
        try:
            assert read_idx(path, 3).ndim == 3
        except UserError:
            problem_of(path)
