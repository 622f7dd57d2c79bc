from functools import partial

import numpy as np
import pytest
from user_errors import message_of

from neural_sculpting.tasks import build_task

SPLIT = {"path": "t.npz", "validation_share": 0.2, "test_share": 0.2, "split_seed": 0}
sequences = partial(build_task, "sequences", **SPLIT)
images = partial(build_task, "images", **SPLIT)
BITS = np.random.default_rng(0).integers(2, size=(40, 5, 2))
TARGETS = BITS[:, 1:] ^ BITS[:, :-1]
SYMBOLS = np.random.default_rng(1).integers(6, size=(40, 5))
SYMBOLS[0] = range(1, 6)
PIXELS = np.random.default_rng(2).integers(17, size=(40, 3, 4))
PIXELS[0, 0, 0] = 16
CLASSES = np.arange(40) % 4 + 3


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def all_rows(task):
    sets = (task.training, task.validation, task.test)
    inputs, targets = (np.vstack([getattr(each, side) for each in sets]) for side in ("inputs", "targets"))
    return {row.tobytes(): target.tolist() for row, target in zip(inputs, targets, strict=True)}


def test_bits_of_sequences_enter_as_signs():
    np.savez("t.npz", tokens=BITS, targets=TARGETS)
    task = sequences()
    assert (task.sizes, task.title) == ((24, 8, 8), "t.npz")
    assert (task.input_shape, task.output_shape, task.one_hot, task.graph) == ((5, 2), (4, 2), (), None)
    assert task.input_units == ((0, 2, 4, 6, 8), (1, 3, 5, 7, 9))
    assert task.output_units == ((0, 2, 4, 6), (1, 3, 5, 7))
    assert (task.input_names, task.output_names) == (("x0", "x1"), ("y0", "y1"))
    signs = (2 * BITS - 1).astype(np.float32).reshape(40, -1)
    wanted = {row.tobytes(): target for row, target in zip(signs, TARGETS.reshape(40, -1).tolist(), strict=True)}
    assert all_rows(task) == wanted


def test_other_numbers_stay():
    np.savez("t.npz", tokens=BITS * 0.5, targets=TARGETS[:, -1])
    task = sequences()
    assert set(np.unique(task.training.inputs)) == {0, 0.5}
    assert task.output_shape == (1, 2)


def test_symbols_become_one_hot_codes():
    np.savez("t.npz", tokens=SYMBOLS, targets=np.eye(3, dtype=bool)[SYMBOLS[:, 1:3] % 3])
    task = sequences()
    assert (task.input_shape, task.output_shape) == ((5, 6), (2, 3))
    assert (task.one_hot, task.one_hot_inputs) == ((3, 3), (6,) * 5)
    assert (task.n_input_units, task.input_names) == (1, ("symbol",))
    for inputs, targets in zip(task.test.inputs, task.test.targets, strict=True):
        tokens = inputs.reshape(5, 6)
        assert tokens.sum(axis=1).tolist() == [1] * 5
        assert targets.reshape(2, 3).argmax(axis=1).tolist() == (tokens.argmax(axis=1)[1:3] % 3).tolist()


def test_classes_of_images():
    np.savez("t.npz", images=PIXELS, targets=CLASSES)
    task = images()
    assert (task.input_shape, task.output_shape, task.input_units, task.one_hot) == ((1, 3, 4), (), (), (4,))
    assert task.output_names == ("target=3", "target=4", "target=5", "target=6")
    for examples, rows in ((task.training, 24), (task.validation, 8), (task.test, 8)):
        assert examples.targets.sum(axis=0).tolist() == [rows / 4] * 4  # as many of each class
    scaled = (PIXELS.reshape(40, -1) / 16).astype(np.float32)
    assert all_rows(task) == {
        row.tobytes(): np.eye(4)[number - 3].tolist() for row, number in zip(scaled, CLASSES, strict=True)
    }


def test_channels_of_images_and_bits():
    pixels = PIXELS.reshape(20, 2, 3, 4) / 5
    np.savez("t.npz", images=pixels, targets=pixels[:, :, 0, 0] > 1.5)
    task = images()
    assert (task.input_shape, task.one_hot, task.output_names) == ((2, 3, 4), (), ("y0", "y1"))
    assert task.input_units == (tuple(range(12)), tuple(range(12, 24)))
    assert task.input_names == ("channel 0", "channel 1")
    assert task.training.inputs.max() > 1
    assert ((task.training.inputs[:, ::12] > 1.5) == task.training.targets).all()


def test_no_row_for_the_test():
    np.savez("t.npz", images=PIXELS, targets=CLASSES)
    assert build_task("images", **{**SPLIT, "test_share": 0}).sizes == (32, 8)


NEEDS = "must be a NumPy file (.npz) with the arrays"
ONLY_ROWS = np.arange(40) % 2


@pytest.mark.parametrize(
    ("task", "arrays", "message"),
    [
        (sequences, {"tokens": BITS}, f"has no array targets, but tokens; {NEEDS} tokens and targets"),
        (images, {"x": BITS, "targets": CLASSES}, f"has no array images, but x, targets; {NEEDS} images and targets"),
        (
            sequences,
            {"tokens": BITS, "targets": TARGETS[:30]},
            "its arrays differ in their number of rows: tokens 40, targets 30",
        ),
        (
            sequences,
            {"tokens": ONLY_ROWS, "targets": TARGETS},
            "array tokens has 1 dimensions; must have 2 or 3, rows first",
        ),
        (
            images,
            {"images": PIXELS, "targets": TARGETS},
            "array targets has 3 dimensions; must have 1 or 2, rows first",
        ),
        (
            images,
            {"images": PIXELS[..., None, None], "targets": ONLY_ROWS},
            "array images has 5 dimensions; must have 1, 2, 3 or 4, rows first",
        ),
        (images, {"images": PIXELS[:0], "targets": CLASSES[:0]}, "array images is empty; must have rows"),
        (
            images,
            {"images": np.where(PIXELS == 16, np.inf, PIXELS), "targets": CLASSES},
            "array images contains other values than finite numbers",
        ),
        (
            sequences,
            {"tokens": SYMBOLS.astype(str), "targets": CLASSES},
            "array tokens contains other values than finite numbers",
        ),
        (
            sequences,
            {"tokens": SYMBOLS - 1, "targets": CLASSES},
            "array tokens has 2 dimensions; must then be symbols, whole numbers from 0 on",
        ),
        (
            sequences,
            {"tokens": SYMBOLS / 2, "targets": CLASSES},
            "array tokens has 2 dimensions; must then be symbols, whole numbers from 0 on",
        ),
        (
            sequences,
            {"tokens": BITS[:, :3], "targets": TARGETS},
            "targets have 4 positions; must be at most the 3 of tokens",
        ),
        (
            sequences,
            {"tokens": BITS, "targets": TARGETS * 2},
            "array targets contains 2; must be 0 and 1, or a class number for each row",
        ),
        (
            images,
            {"images": PIXELS * 0, "targets": CLASSES},
            "array images is the same in all rows, there is nothing to learn from",
        ),
        (
            images,
            {"images": PIXELS, "targets": CLASSES / 2},
            "array targets has one dimension; must then be class numbers, which are whole",
        ),
        (
            sequences,
            {"tokens": BITS, "targets": TARGETS * [1, 0]},
            "array targets has the same value of y1 in all rows, there is nothing to learn",
        ),
        (
            images,
            {"images": PIXELS, "targets": CLASSES * 0},
            "array targets has the same value of target=0 in all rows, there is nothing to learn",
        ),
    ],
)
def test_files_that_are_refused(task, arrays, message):
    np.savez("t.npz", **arrays)
    assert message_of(task) == f"t.npz: {message}"


def test_whole_numbers_below_zero_are_divided_too():
    np.savez("t.npz", images=-PIXELS.astype(int), targets=CLASSES)
    assert images().training.inputs.min() == -1


@pytest.mark.parametrize(("axis", "reported"), [(1, False), (-1, True)])
def test_channels_that_seem_to_come_last_are_reported(axis, reported, caplog):
    pixels = np.arange(40 * 64).reshape(40, 8, 8) % 7
    np.savez("t.npz", images=np.stack([pixels, pixels], axis), targets=CLASSES[:40])
    images()
    assert ("t.npz: images are read as 8 channels of 8 × 2; channels come first" in caplog.text) == reported


def test_the_output_of_one_position_is_called_what_it_is():
    np.savez("t.npz", tokens=BITS, targets=TARGETS[:, -1])
    assert sequences().flat_output_names == ("y0", "y1")


def test_a_missing_file_and_another_one(tmp_path):
    assert message_of(sequences) == f"task.path=t.npz: no such file in {tmp_path}"
    (tmp_path / "t.npz").write_text("a,b\n1,2\n")
    assert message_of(images) == "t.npz: is not an .npz file of plain arrays, or damaged (no archive of arrays)"


def test_too_many_symbols(tmp_path):
    np.savez("t.npz", tokens=SYMBOLS * 10_000_000, targets=CLASSES)
    assert message_of(sequences) == "t.npz: expands to more than 2 GB, which is the most that can be read"


def test_a_task_is_built_again_when_its_file_changes():
    np.savez("t.npz", images=PIXELS, targets=CLASSES)
    first = images()
    assert images() is first
    np.savez("t.npz", images=PIXELS[:20], targets=CLASSES[:20])
    assert images().sizes == (12, 4, 4)
