import warnings
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import sklearn.datasets
from image_examples import FILES, write_folder, write_idx
from user_errors import message_of

from neural_sculpting.tasks.images.sources import load_images

MNIST = Path(__file__).parents[3].parent / "shared" / "data" / "mnist"


def refusal(source: object) -> str:
    return message_of(load_images, str(source))


def test_the_digits_of_scikit_learn():
    digits = load_images("digits")
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.dtype == np.uint8
    assert repr(digits) == "Images(source='digits', largest=16)"
    assert (digits.largest, digits.n_pixels, len(digits.images), digits.own_test) == (16, 64, 1797, None)
    assert digits.images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]  # the first row of the first zero
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.parametrize("ending", ["-idx{}-ubyte", ".idx{}-ubyte", "-idx{}-ubyte.gz", ".idx{}-ubyte.gz"])
def test_a_folder_is_its_training_images_then_its_test_images(tmp_path, ending):
    images = load_images(str(write_folder(tmp_path, ending)))
    assert images.source == str(tmp_path)
    assert images.images.shape == (5, 2, 3)
    assert images.images.reshape(5, 6)[:, 0].tolist() == [0, 6, 12, 100, 106]
    assert images.labels.tolist() == [0, 1, 2, 2, 0]
    assert images.labels.dtype == np.int64
    assert images.own_test.tolist() == [False, False, False, True, True]
    assert (images.largest, images.n_pixels) == (111, 6)


def test_a_folder_may_be_in_the_home_or_relative(tmp_path, monkeypatch):
    write_folder(tmp_path / "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert len(load_images("~/mine").images) == len(load_images("mine").images) == 5


ALLOWED = "a folder of IDX files, openml (downloads MNIST) or digits (comes with scikit-learn)"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        *((source, "no such folder in {folder}") for source in ("", "mnist", "Digits")),
        ("/no/such/folder", "no such folder"),
        ("{folder}/file", "is a file"),
    ],
)
def test_unknown_sources_are_refused(source, found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    source, found = (text.format(folder=tmp_path) for text in (source, found))
    assert refusal(source) == f"task.source={source}: {found}; must be {ALLOWED}"


@pytest.mark.parametrize("name", FILES)
def test_damaged_and_missing_files_are_reported(tmp_path, name):
    write_folder(tmp_path)
    path = tmp_path / f"{name}-idx{FILES[name]}-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(tmp_path).startswith(f"{path}: has ")
    path.unlink()
    assert refusal(tmp_path).startswith(f"{path}: no such file; may also be called {name}.idx")


def test_labels_in_the_file_of_images_are_reported(tmp_path):
    write_folder(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    write_idx(path, [0, 1, 2])
    assert refusal(tmp_path).startswith(f"{path}: starts with the bytes 00 00 08 01; an IDX file of unsigned bytes")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"train_labels": [0, 1]},
            "/train-labels-idx1-ubyte: 2 labels; must be one for each of the 3 images in train-images-idx3-ubyte",
        ),
        (
            {"t10k_images": np.ones((2, 3, 3))},
            "/t10k-images-idx3-ubyte: images of 3 x 3 pixels; must be 2 x 3 as in train-images-idx3-ubyte",
        ),
        (
            {"train_images": np.zeros((3, 2, 3)), "t10k_images": np.zeros((2, 2, 3))},
            ": all pixels of all images are 0; must be images",
        ),
    ],
)
def test_files_that_do_not_match_are_reported(changes, message, tmp_path):
    assert refusal(write_folder(tmp_path, **changes)) == f"{tmp_path}{message}"


def openml_answers(monkeypatch, answer):
    """Replace scikit-learn's download by an answer or an error. Returns a list of its calls."""
    calls = []

    def fetch_openml(name, **arguments):
        calls.append((name, arguments))
        warnings.warn("A network error occurred while downloading. Retrying...", stacklevel=2)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", fetch_openml)
    return calls


def test_openml_is_mnist_in_one_piece(monkeypatch):
    pixels = np.zeros((70_000, 784), dtype=np.uint8)
    pixels[60_000, 29] = 255
    labels = np.array(["5", "0"] * 35_000, dtype=object)
    calls = openml_answers(monkeypatch, (pixels, labels))
    images = load_images("openml")
    assert images.images.shape == (70_000, 28, 28)
    assert images.images[60_000, 1, 1] == images.largest == 255  # pixel 29 is the second of the second row
    assert images.labels[:3].tolist() == [5, 0, 5]
    assert images.labels.dtype == np.int64
    assert np.flatnonzero(images.own_test).tolist() == [*range(60_000, 70_000)]
    assert calls == [("mnist_784", {"version": 1, "return_X_y": True, "as_frame": False})]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (URLError("[Errno -2] Name or service not known"), "<urlopen error [Errno -2] Name or service not known>"),
        (ValueError("md5 checksum does not match\nof the file"), "md5 checksum does not match of the file"),
        (IncompleteRead(b"abc", 7), "IncompleteRead(3 bytes read, 7 more expected)"),
        (EOFError(), "EOFError"),
    ],
)
def test_a_download_that_fails_is_one_line(monkeypatch, failure, reason):
    openml_answers(monkeypatch, failure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the error is the only output
        assert refusal("openml") == (
            f"task.source=openml: mnist_784 could not be fetched ({reason}); "
            "a folder of IDX files or digits needs no network"
        )


def test_a_download_of_another_size_is_refused(monkeypatch):
    openml_answers(monkeypatch, (np.zeros((10, 784)), np.array(["0"] * 10, dtype=object)))
    assert refusal("openml") == "task.source=openml: mnist_784 has 10 x 784 values; must have 70000 x 784"


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"no MNIST files in {MNIST}")
def test_mnist_is_read():
    images = load_images(str(MNIST))
    assert images.images.shape[1:] == (28, 28)
    assert images.own_test.sum() == 10_000
    assert images.largest == 255
    assert images.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert images.labels[images.own_test][:5].tolist() == [7, 2, 1, 0, 4]
    test_counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(images.labels[images.own_test]).tolist() == test_counts
